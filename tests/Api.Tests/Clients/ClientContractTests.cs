using System.Text.Json.Serialization.Metadata;
using Rnn.Client;

namespace Rnn.Api.Tests.Clients;

/// <summary>The client's records hold what the server's document says, no less and no more.</summary>
public sealed class ClientContractTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    public static TheoryData<string, Type> Records => new()
    {
        { "StepRequest", typeof(StepRequest) },
        { "SequenceRequest", typeof(SequenceRequest) },
        { "GenerateRequest", typeof(GenerateRequest) },
        { "CreateSessionRequest", typeof(CreateSessionRequest) },
        { "ForkRequest", typeof(ForkRequest) },
        { "PredictionResponse", typeof(Prediction) },
        { "GenerationResponse", typeof(Generation) },
        { "ScoreRequest", typeof(ScoreRequest) },
        { "ScoreResponse", typeof(Score) },
        { "TraceRequest", typeof(TraceRequest) },
        { "TraceDocument", typeof(Trace) },
        { "SeparatingUnitDocument", typeof(SeparatingUnit) },
        { "RisingUnitDocument", typeof(RisingUnit) },
        { "LayerTraceDocument", typeof(LayerTrace) },
        { "TraceSummaryDocument", typeof(TraceSummary) },
        { "ObserveRequest", typeof(ObserveRequest) },
        { "ObservationResponse", typeof(Observation) },
        { "ComparisonDocument", typeof(Comparison) },
        { "SeriesDocument", typeof(Series) },
        { "ForecastRequest", typeof(ForecastRequest) },
        { "ForecastResponse", typeof(ForecastReply) },
        { "ForecastDocument", typeof(Forecast) },
        { "ForecastStepDocument", typeof(ForecastStep) },
        { "QuantityResponse", typeof(Quantity) },
        { "ChoiceDocument", typeof(Choice) },
        { "TokenDocument", typeof(Token) },
        { "OutputDocument", typeof(Output) },
        { "CandidateDocument", typeof(Candidate) },
        { "StateDocument", typeof(StateDocument) },
        { "LayerStateDocument", typeof(LayerState) },
        { "SessionResponse", typeof(SessionInfo) },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public async Task A_record_has_the_properties_of_its_schema(string schema, Type record)
    {
        var document = await RnnApplication.GetAsync(application.CreateClient(), "/openapi/v1.json");
        var expected = document["components"]!["schemas"]![schema]!["properties"]!.AsObject().Select(property => property.Key);

        var actual = new DefaultJsonTypeInfoResolver()
            .GetTypeInfo(record, new(System.Text.Json.JsonSerializerOptions.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() })
            .Properties.Where(property => property.Get is not null && property.Set is not null && !IsOfHeaders(property.Name))
            .Select(property => property.Name);

        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    static bool IsOfHeaders(string name) => name is "tag" or "isReplayed";
}
