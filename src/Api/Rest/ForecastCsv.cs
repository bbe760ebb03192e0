using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Rnn.Api.Rest;

/// <summary>A forecast as a table: a row for each step of each series, with columns named as in a table that asks for one.</summary>
static class ForecastCsv
{
    public static string Write(ForecastResponse response)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\r\n" }))
        {
            var hasIds = response.Forecasts.Any(forecast => forecast.Id is not null);
            var hasTimes = response.Forecasts.Any(forecast => forecast.Steps[0].Timestamp is not null);
            WriteHeader(csv, response, hasIds, hasTimes);
            foreach (var forecast in response.Forecasts)
            {
                foreach (var (index, step) in forecast.Steps.Index())
                {
                    WriteStep(csv, hasIds ? forecast.Id ?? "" : null, index + 1, hasTimes ? step.Timestamp ?? "" : null, step);
                }
            }
        }

        return text.ToString();
    }

    static void WriteHeader(CsvWriter csv, ForecastResponse response, bool hasIds, bool hasTimes)
    {
        foreach (var name in (IEnumerable<string>)[.. hasIds ? ["series"] : (string[])[], "step", .. hasTimes ? ["timestamp"] : (string[])[]])
        {
            csv.WriteField(name);
        }

        foreach (var (target, quantiles) in response.Targets.Select(target => (target, response.Forecasts[0].Steps[0].Quantiles)))
        {
            csv.WriteField(target.Name);
            foreach (var level in quantiles?.Keys ?? [])
            {
                csv.WriteField($"{target.Name} {level}");
            }
        }

        csv.NextRecord();
    }

    static void WriteStep(CsvWriter csv, string? id, int number, string? time, ForecastStepDocument step)
    {
        if (id is not null)
        {
            csv.WriteField(id);
        }

        csv.WriteField(number);
        if (time is not null)
        {
            csv.WriteField(time);
        }

        for (var target = 0; target < step.Values.Length; target++)
        {
            csv.WriteField(step.Values[target]);
            foreach (var quantile in step.Quantiles?.Values ?? [])
            {
                csv.WriteField(quantile[target]);
            }
        }

        csv.NextRecord();
    }
}
