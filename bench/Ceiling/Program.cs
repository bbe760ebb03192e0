using Rnn.Bench.Ceiling;

// What Kestrel and JSON alone can do: reads a step's request and writes a reply of the shape and size of the server's, for
// a model of 256 values, without computing anything.
// usage: dotnet run -c Release --project bench/Ceiling --urls http://127.0.0.1:8201
const int Values = 256;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, StepJson.Default));

var random = new Random(1);
var output = new StepOutput(Array.ConvertAll(new float[Values], _ => random.NextSingle() * 0.4f - 0.2f));
var step = 0L;

var app = builder.Build();
app.MapGet("/health/ready", () => "ready");
app.MapPost("/step", (StepRequest body) =>
    TypedResults.Ok(new StepReply("lstm-128-256", 1, "0123456789abcdef0123456789abcdef", Interlocked.Increment(ref step), output)));
app.Run();
