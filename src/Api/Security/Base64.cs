namespace Rnn.Api.Security;

/// <summary>Base64 that may be none.</summary>
static class Base64
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        var buffer = new byte[text.Length];
        var isBase64 = Convert.TryFromBase64String(text, buffer, out var length);
        bytes = buffer[..length];
        return isBase64;
    }
}
