using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Spoils one thing about a request.</summary>
static class Spoiler
{
    static readonly byte[][] Sequences = [[0xC3, 0x28], [0xED, 0xA0, 0x80], [0xFF], [0x00], [0xEF, 0xBB, 0xBF], [0x0D, 0x0A], [0x2C], [0x22], [0x7D], [0x5C]];

    /// <summary>The request with something wrong about it, whatever it is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="operation">What it is for; null if for nothing that is documented.</param>
    public static Gen<WireRequest> Spoil(WireRequest request, Operation? operation) => Gen.Frequency(
        (request.IsJson ? 8 : 0, Gen.Select(Gen.Int[0, 7], Gen.Int[0, int.MaxValue], Gen.OneOf(Hostile.Json), (how, at, raw) => request with { Body = SpoilJson(request.Body!, how, at, raw) })),
        (request.Body is null ? 0 : 2, Gen.Select(Gen.Int[0, 6], Gen.Double.Unit, Gen.OneOf(Sequences), (how, at, bytes) => request with { Body = SpoilBytes(request.Body!, how, at, bytes) })),
        (operation?.Template.Contains('{', StringComparison.Ordinal) == true ? 2 : 0, Gen.Select(Gen.Int[0, 9], Gen.OneOf(Hostile.Segments), (which, segment) => SpoilPath(request, operation!, which, segment))),
        (1, Gen.Select(Gen.OneOf([.. operation?.Parameters.Where(parameter => parameter.In == "query").Select(parameter => parameter.Name) ?? [], "other"]), Gen.OneOf(Hostile.Queries),
            (name, value) => request with { Target = $"{request.Target}{(request.Target.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={value}" })),
        (3, Gen.OneOf(Hostile.Headers).Select(header => request.With(header.Name, header.Value))),
        (1, Gen.OneOf(Hostile.Methods).Select(method => request with { Method = method })),
        (1, Gen.Const(request with { Body = request.Body is null ? "{}"u8.ToArray() : null })),
        (request.Body is null ? 0 : 1, Gen.Const(Compressed(request))));

    static WireRequest SpoilPath(WireRequest request, Operation operation, int which, string segment)
    {
        var places = operation.MatchOf(request.Path).Groups.Values.Skip(1).Where(group => group.Success).ToList();
        if (places.Count == 0)
        {
            return request;
        }

        var place = places[which % places.Count];
        return request with { Target = request.Target.Remove(place.Index, place.Length).Insert(place.Index, segment) };
    }

    static WireRequest Compressed(WireRequest request)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(request.Body);
        }

        return (request with { Body = bytes.ToArray() }).With("Content-Encoding", "gzip");
    }

    static byte[] SpoilJson(byte[] body, int how, int at, string raw)
    {
        if (PartsOf(body) is not { Count: > 0 } parts)
        {
            return body;
        }

        var (name, start, end) = parts[at % parts.Count];
        return how switch
        {
            0 or 1 or 2 or 3 => [.. body[..start], .. Encoding.UTF8.GetBytes(raw), .. body[end..]],                   // another value
            4 when name is { } from => Without(body, from, end),
            5 when name is { } from => [.. body[..end], (byte)',', .. body[from..end], .. body[end..]],                // a member twice, or an item
            5 => [.. body[..end], (byte)',', .. body[start..end], .. body[end..]],
            6 when name is { } from => [.. body[..from], .. Encoding.UTF8.GetBytes($"\"other\":{raw},"), .. body[from..]],
            7 => [.. body[..start], (byte)'[', .. body[start..end], (byte)']', .. body[end..]],                       // one level deeper
            _ => Without(body, start, end),
        };
    }

    static byte[] Without(byte[] body, int start, int end)
    {
        var comma = end < body.Length && body[end] == ',' ? 1 : 0;
        return [.. body[..start], .. body[(end + comma)..]];
    }

    static byte[] SpoilBytes(byte[] body, int how, double place, byte[] bytes)
    {
        var at = (int)(place * body.Length);
        return how switch
        {
            0 => body[..at],
            1 => body[at..],
            2 => [.. body[..at], .. bytes, .. body[at..]],
            3 => [.. bytes, .. body],
            4 => [.. body, .. bytes],
            5 when at < body.Length => [.. body[..at], (byte)(body[at] ^ (1 << (at % 8))), .. body[(at + 1)..]],
            _ => [.. body, .. body],
        };
    }

    /// <summary>Each value of a document, and where the name before it begins if it is a member's; none if this is no JSON.</summary>
    static List<(int? Name, int Start, int End)> PartsOf(byte[] json)
    {
        var parts = new List<(int? Name, int Start, int End)>();
        var open = new Stack<(int? Name, int Start)>();
        int? name = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            while (reader.Read())
            {
                var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = start;
                        continue;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        open.Push((name, start));
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        var (before, begin) = open.Pop();
                        parts.Add((before, begin, end));
                        break;
                    default:
                        parts.Add((name, start, end));
                        break;
                }

                name = null;
            }
        }
        catch (JsonException)
        {
            // What stands before the fault can be spoilt all the same.
        }

        return parts;
    }
}
