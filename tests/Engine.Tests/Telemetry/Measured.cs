using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Rnn.Engine.Tests.Telemetry;

/// <summary>What was measured on one meter, whatever others of its name there are.</summary>
sealed class Measured : IDisposable
{
    readonly ConcurrentQueue<(string Name, double Value, string Labels)> _seen = [];
    readonly MeterListener _listener;

    public Measured(Meter meter)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    Instruments.Add(instrument);
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => See(instrument, value, labels));
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => See(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => See(instrument, value, labels));
        _listener.Start();
    }

    public List<Instrument> Instruments { get; } = [];

    /// <summary>Every measurement of an instrument; of one that is looked at, the present ones.</summary>
    public List<(double Value, string Labels)> Of(string name)
    {
        var before = 0;
        if (Instruments.Single(instrument => instrument.Name == name).IsObservable)
        {
            before = _seen.Count;
            _listener.RecordObservableInstruments();
        }

        return [.. _seen.Skip(before).Where(seen => seen.Name == name).Select(seen => (seen.Value, seen.Labels))];
    }

    public void Dispose() => _listener.Dispose();

    void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        _seen.Enqueue((instrument.Name, value, string.Join(',', labels.ToArray().Select(label => $"{label.Key}={label.Value}"))));
}
