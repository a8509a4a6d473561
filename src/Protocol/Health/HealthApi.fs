namespace StreamCore.Protocol

open System.Buffers

[<AbstractClass; Sealed>]
type HealthApi =
    static member Encode(output: IBufferWriter<byte>, status: string) =
        use json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteString("status", status)
        json.WriteEndObject()
