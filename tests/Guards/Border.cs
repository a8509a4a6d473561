using System.Reflection;
using Microsoft.FSharp.Core;
using Xunit;

namespace StreamCore.Guards;

/// <summary>What F# shows to C#: no F# collections, options, functions or tuples in public members.</summary>
public class Border
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData("StreamCore.Protocol")]
    [InlineData("StreamCore.Scheduler.Planning")]
    public void Public_members_show_no_types_that_only_FSharp_understands(string name)
    {
        var faults = from type in Assembly.Load(name).GetExportedTypes()
                     where !IsGenerated(type)
                     from member in type.GetMembers(Declared)
                     where !IsGenerated(member)
                     from used in TypesOf(member)
                     where IsForbidden(used)
                     select $"{type.FullName}.{member.Name} shows {used}";
        Assert.Empty(faults.Distinct());
    }

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodBase method => method.GetParameters().Select(p => p.ParameterType)
            .Append((method as MethodInfo)?.ReturnType ?? typeof(void)).SelectMany(Parts),
        PropertyInfo property => Parts(property.PropertyType),
        FieldInfo field => Parts(field.FieldType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType) return Parts(type.GetElementType()!);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
    }

    private static bool IsForbidden(Type type)
    {
        var name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? "";
        return name.StartsWith("Microsoft.FSharp.Collections.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.FSharp.Control.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.FSharp.Core.FSharp", StringComparison.Ordinal)
            || name.StartsWith("System.Tuple`", StringComparison.Ordinal);
    }

    private static bool IsGenerated(MemberInfo member) =>
        member.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null
        || member.GetCustomAttribute<CompilationMappingAttribute>() is { SourceConstructFlags: SourceConstructFlags.Closure };
}
