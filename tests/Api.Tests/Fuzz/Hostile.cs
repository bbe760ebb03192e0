namespace Rnn.Api.Tests.Fuzz;

/// <summary>What is found at the edges of what a request can be made of.</summary>
static class Hostile
{
    static readonly string Long = new('a', 20_000);

    /// <summary>Values of JSON, and what passes for them.</summary>
    public static readonly string[] Json =
    [
        "null", "true", "false", "0", "-0", "-0.0", "1", "-1", "1.5", "1e2", "1E+2", "0.1e1", "NaN", "Infinity", "-Infinity", "1e39", "-1e39", "1e308", "1e309", "1e999", "-1e999",
        "1e-999", "127", "128", "255", "256", "65536", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", $"1{new string('0', 400)}", $"0.{new string('3', 400)}", "01", "+1", ".5", "1.", "0x10",
        "\"\"", "\" \"", "\"a\"", "\"0\"", "\"1\"", "\"NaN\"", "\"null\"", "\"true\"", "\"..\"", "\"last\"", "\"LAST\"", "\"air\"", "\"austen\"", "\"PT1H\"", "\"P1M\"", "\"-PT1H\"",
        "\"\\u0000\"", "\"a\\u0000b\"", "\"a\\r\\nb\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\u202eabc\"", "\"\ufeff\"", "\"\u6f22\"", "\"e\\u0301\"", "\"\\u001b[2J\"", "\"\\x\"",
        "\"%00\"", "\"'; drop table\"", "\"(a+)+$\"", "\"[\"", "\"a{1000000}\"", "\"(((((\"", "\"{{x}}\"", "\"2014-01-04T03:00:00+08:00\"", "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"2014-02-30\"",
        $"\"{Long}\"", "[]", "[[]]", "[null]", "[1]", "[1,2]", "[-1]", "[1e39]", "[1.5]", "[\"\"]", "[\"a\",null]", "[[1],[1,2]]", "[[1],null]", "[[[1]]]", "[{}]", "[99999999]",
        $"[{string.Join(',', Enumerable.Repeat("0", 300))}]", $"[{string.Join(',', Enumerable.Repeat("[0,0,0,0,0,0,0]", 260))}]", "{}", "{\"a\":1}", "{\"\":0}", "{\"a\":{\"b\":{\"c\":{}}}}", "{\"b64\":\"Um9zc2k=\"}", "{\"b64\":\"!\"}",
        $"{new string('[', 12)}{new string(']', 12)}", $"{new string('[', 40)}{new string(']', 40)}", $"{new string('[', 4000)}", "'a'", "/**/1", "undefined", "",
    ];

    /// <summary>Segments of a path, escaped as they are sent. None has a NUL, which Kestrel refuses before there is a request.</summary>
    public static readonly string[] Segments =
    [
        "", "%20", "%01", "%2F", "a%2Fb", "..", ".", "%2e%2e", "..%2F..%2Fetc", "%0D%0A", "a%0D%0Ab", "%E2%80%AEabc", "%F0%9F%98%80", "%ED%A0%80", "%FF", "%", "%zz", "%25", "a:b", ":", ":predict",
        "*", "~", "a;b", "a=b", "-", "_", "none", "AIR", "air%20", "0", "1", "-1", "1.0", "01", "2147483648", "99999999999999999999", "null", "NaN", "%D9%A1",
        new('a', 64), new('a', 65), new('a', 4000), "%C3%A9", "stats", "batch", "versions", "ready", "'\"<>", "{id}",
    ];

    /// <summary>Values of a query's parameter, escaped as they are sent.</summary>
    public static readonly string[] Queries =
    [
        "", "0", "1", "-1", "1.5", "1e3", "NaN", "Infinity", "2147483647", "2147483648", "9223372036854775808", "18446744073709551616", "a", "%00", "%0D%0A", "%FF", "%", "%zz", "null", "true", "1,2", "0.1,0.9", "0.1,,0.9", "0.1,1.5", "0.9,0.1",
        "PT1H", "PT0S", "P1M", "-PT1H", "demo", "air", "none", "%20", "%F0%9F%98%80", "..", new('9', 500), new('a', 3000), "[1]", "{}",
    ];

    /// <summary>Headers that a request may bring.</summary>
    public static readonly (string Name, string Value)[] Headers =
    [
        ("If-Match", "*"), ("If-Match", "\"0\""), ("If-Match", "\"1\""), ("If-Match", "\"4.1\""), ("If-Match", "W/\"1\""), ("If-Match", "1"), ("If-Match", ""), ("If-Match", "\"a\""), ("If-Match", "\"99999999999999999999\""),
        ("If-Match", "\"-1\""), ("If-Match", "\"1\", \"2\""), ("If-Match", "\""), ("If-Match", "\"\u00e9\""), ("If-None-Match", "*"),
        ("Idempotency-Key", "\"one\""), ("Idempotency-Key", "\"two\""), ("Idempotency-Key", "three"), ("Idempotency-Key", ""), ("Idempotency-Key", "\"\""), ("Idempotency-Key", "\""), ("Idempotency-Key", $"\"{new string('k', 64)}\""),
        ("Idempotency-Key", $"\"{new string('k', 300)}\""), ("Idempotency-Key", "a, b"), ("Idempotency-Key", "\"\u00e9\""), ("Idempotency-Key", "\"a\\\"b\""),
        ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("Traceparent", "00-0-0-0"), ("Traceparent", "\u00ff"), ("Tracestate", "a=b,,c"), ("Baggage", "a=%00"),
        ("Accept", "application/json"), ("Accept", "application/octet-stream"), ("Accept", "text/event-stream"), ("Accept", "text/csv"), ("Accept", "application/x-ndjson"), ("Accept", "*/*"), ("Accept", "text/html"),
        ("Accept", "application/octet-stream;q=0"), ("Accept", "application/json;q=2, text/csv;q=x"), ("Accept", ";"), ("Accept", ""), ("Accept", "application/octet-stream, application/json"), ("Accept-Encoding", "gzip, br"), ("Accept-Language", "\u0001"),
        ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate"), ("Content-Encoding", "br"), ("Content-Encoding", "identity"), ("Content-Encoding", "none"), ("Content-Encoding", ""), ("Content-Length", "0"), ("Content-Length", "3"), ("Content-Length", "100000"),
        ("Content-Type", ""), ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "application/json; charset=none"), ("Content-Type", "application/json; charset=utf-7"), ("Content-Type", "application/json; charset=\"utf-8\""), ("Content-Type", "application/json; charset=\"\""), ("Content-Type", "application/json; charset="), ("Content-Type", "application/json;"), ("Content-Type", "APPLICATION/JSON"), ("Content-Type", "application/vnd.a+json"),
        ("Content-Type", "application/octet-stream"), ("Content-Type", "text/csv"), ("Content-Type", "text/csv; header=absent"), ("Content-Type", "application/x-ndjson"), ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Type", "multipart/form-data; boundary=a"), ("Content-Type", "json"), ("Content-Type", "a/b/c"), ("Content-Type", "*/*"),
        ("Inference-Header-Content-Length", "0"), ("Inference-Header-Content-Length", "1"), ("Inference-Header-Content-Length", "-1"), ("Inference-Header-Content-Length", "40"), ("Inference-Header-Content-Length", "99999999999"), ("Inference-Header-Content-Length", "a"), ("Inference-Header-Content-Length", ""),
        ("Origin", "https://elsewhere.example"), ("Origin", "null"), ("Origin", "http://localhost"), ("Access-Control-Request-Method", "POST"), ("Expect", "100-continue"), ("Range", "bytes=0-1"), ("X-HTTP-Method-Override", "DELETE"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "99"),
        ("Host", "evil.example"), ("X-Forwarded-For", "a"), ("X-Request-Id", "a b"), ("X-Request-Id", "r1"), ("Cookie", "a=b; c"),
    ];

    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X-Y"];
}
