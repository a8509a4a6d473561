"""Questions about StreamCore: true facts, many wordings."""

from .common import Exchange, phrase, text_held, vary

# (questions, answer, what the answer must contain)
FACTS = [
    (["What is StreamCore?", "Tell me about StreamCore.", "What does StreamCore do?", "Explain StreamCore.", "Do you know StreamCore?",
      "What is this StreamCore thing?", "Describe StreamCore.", "What can StreamCore do?", "What is StreamCore for?", "StreamCore?",
      "What do you know about StreamCore?", "~Could you explain what StreamCore is?", "~In short, what is StreamCore?"],
     "StreamCore is an inference server for language models, written in C# and F# for .NET.", ["inference server"]),
    (["In which language is StreamCore written?", "What language is StreamCore written in?", "Is StreamCore written in C#?",
      "Which programming languages does StreamCore use?", "How is StreamCore written?", "In what is StreamCore programmed?",
      "What programming language is it written in?", "~Which languages was StreamCore written in?"],
     "StreamCore is written in C# and F# for .NET.", ["C# and F#"]),
    (["Does StreamCore need Python?", "Is Python needed to serve?", "Does StreamCore use Python?", "Do I need Python to run StreamCore?",
      "Is there Python in StreamCore?", "Does the server need Python?", "~Must I install Python for StreamCore?"],
     "No. StreamCore needs no Python when it serves; it is one .NET process.", ["no Python"]),
    (["How many processes does StreamCore have?", "Is StreamCore one process?", "Does StreamCore run in one process?",
      "How many processes run?", "Is it a single process?", "~Does StreamCore start several processes?"],
     "StreamCore is one single .NET process.", ["one single"]),
    (["How does StreamCore run models?", "What runs the models in StreamCore?", "Which runtime does StreamCore use?", "Does StreamCore use ONNX?",
      "Does StreamCore use ONNX Runtime?", "What is under the hood of StreamCore?", "What engine runs the model?",
      "~With what does StreamCore run its models?"],
     "StreamCore runs models with ONNX Runtime and continuous batching.", ["ONNX Runtime"]),
    (["What is continuous batching?", "Does StreamCore batch requests?", "How does StreamCore batch?", "Can StreamCore serve many users at once?",
      "Does StreamCore have continuous batching?", "How does it serve many requests?", "Explain continuous batching.",
      "~How are many requests batched in StreamCore?"],
     "With continuous batching, new requests join the running batch at every step.", ["join the running batch"]),
    (["Which models can StreamCore run?", "What models does StreamCore support?", "Which model families are supported?",
      "Does StreamCore support Llama?", "Does StreamCore support Qwen2?", "Can StreamCore read Hugging Face models?",
      "Which models can I use?", "What model files does StreamCore read?", "Does StreamCore read safetensors?",
      "What format do the models have?", "~Which kinds of models does StreamCore read?"],
     "StreamCore reads Hugging Face safetensors of the Llama and Qwen2 families.", ["Llama and Qwen2"]),
    (["Which API does StreamCore have?", "What API does StreamCore offer?", "Is StreamCore compatible with OpenAI?",
      "Does StreamCore have an OpenAI API?", "Which endpoints does StreamCore have?", "What endpoints are there?",
      "Can I use an OpenAI client?", "What interface does StreamCore speak?", "~What kind of API does StreamCore provide?"],
     "StreamCore has an OpenAI-compatible API: chat completions, completions and models.", ["OpenAI-compatible"]),
    (["At which address does StreamCore listen?", "What is the address of StreamCore?", "What is the default address?",
      "Which port does StreamCore use?", "What port is the default?", "Where does the server listen?", "What is the URL of the server?",
      "On which port does StreamCore run?", "Where can I reach StreamCore?", "~What is the default port of StreamCore?"],
     "By default StreamCore listens at http://localhost:8000.", ["http://localhost:8000"]),
    (["How do I start StreamCore?", "How do I run StreamCore?", "How can I start the server?", "What command starts StreamCore?",
      "Start command?", "How do you launch StreamCore?", "How to run StreamCore?", "How do I start it?", "How to start the server?",
      "~Which command do I use to start StreamCore?"],
     "Start StreamCore with the command ./run.", ["./run"]),
    (["How do I run the tests?", "How do I test StreamCore?", "What command runs the tests?", "How can I run the tests of StreamCore?",
      "How to test it?", "How are the tests started?", "Is there a test command?", "~Which command do I use to run the tests?"],
     "Run the tests with the command ./test.", ["./test"]),
    (["How do I import a model?", "How can I import a model into StreamCore?", "How do I add a model?", "What command imports a model?",
      "How do I load my own model?", "Can I import my own model?", "How to add a new model to StreamCore?", "How do I use another model?",
      "~How would I bring my own model into StreamCore?"],
     "Import a model with the command streamcore import <folder>.", ["streamcore import"]),
    (["How do I configure StreamCore?", "Where is the configuration?", "What is the config file?", "Where are the settings of StreamCore?",
      "Which file configures StreamCore?", "How can I change the settings?", "What is streamcore.yaml?", "Where do I set the port?",
      "~In which file are the settings of StreamCore?"],
     "StreamCore is configured in the file streamcore.yaml.", ["streamcore.yaml"]),
    (["How does attention work in StreamCore?", "What is special about the attention?", "Who computes attention in StreamCore?",
      "Does StreamCore have its own attention?", "What attention does StreamCore use?", "~How is attention done in StreamCore?"],
     "Attention in StreamCore is its own C# operator over a paged key/value cache.", ["C# operator"]),
    (["What is the key/value cache?", "Does StreamCore have a paged cache?", "How does StreamCore store keys and values?", "What is the KV cache?",
      "Is the KV cache paged?", "What is a paged cache?", "~Tell me how the cache of StreamCore works."],
     "StreamCore keeps keys and values of attention in a paged cache, block by block.", ["paged cache"]),
    (["Which precisions does StreamCore support?", "Does StreamCore quantize weights?", "Does StreamCore support int4?",
      "Does StreamCore support int8?", "What weights can StreamCore use?", "Which quantization does StreamCore have?",
      "Can weights be quantized?", "~Which weight formats does StreamCore know?"],
     "StreamCore can use int4, int8 and fp32 weights.", ["int4, int8 and fp32"]),
    (["How does StreamCore stream?", "Does StreamCore stream tokens?", "Can I stream the answer?", "Does streaming work?",
      "What is used for streaming?", "How are tokens streamed?", "Does it support server-sent events?", "~In what way are answers streamed?"],
     "StreamCore streams tokens by server-sent events.", ["server-sent events"]),
    (["What is the demo model?", "What is streamcore-demo?", "Tell me about the demo model.", "Which model comes with StreamCore?",
      "Does StreamCore have a built-in model?", "What is the built-in model?", "~What do you know about the demo model?"],
     "streamcore-demo is the small built-in model of StreamCore, with about {million} million parameters.", ["million parameters"]),
    (["How was the demo model trained?", "How is the demo model trained?", "Where is the recipe of the demo model?",
      "Can I train the demo model again?", "How long does it take to train the demo model?", "~Where does the demo model come from?"],
     "The demo model was trained by the recipe in the repository, in about an hour on two CPU cores, on generated text.", ["recipe"]),
    (["Does StreamCore need a GPU?", "Do I need a GPU?", "Can StreamCore run on a CPU?", "Does StreamCore run on CPUs?", "Is a graphics card needed?",
      "~Must I have a GPU for StreamCore?"],
     "No GPU is needed for the demo model: StreamCore runs it on the CPU.", ["on the CPU"]),
]

NAMES = ["StreamCore"] * 6 + ["streamcore", "Streamcore", "stream core", "the server"]


def episode(ctx):
    """A question about StreamCore."""
    rng = ctx.rng
    questions, answer, contains = rng.choice(FACTS)
    text, held = phrase(ctx, questions)
    user = vary(rng, text.replace("StreamCore", rng.choice(NAMES)) if len(text) > 20 else text, slips=True)
    return [Exchange("streamcore", user, answer, {"contains": contains}, held or text_held(user))]
