using System.Net.Http.Headers;
using Rnn.Api.Security;

namespace Rnn.Api.Tests.Security;

/// <summary>A host with keys: of two owners, of one that manages only, and of one that may use one model.</summary>
static class Keys
{
    public const string Alice = "alice-key";
    public const string Bob = "bob-key";
    public const string Manager = "manager-key";
    public const string Narrow = "narrow-key";
    public const string Unknown = "no-such-key";

    public static RnnApplication Application(params (string Key, string Value)[] settings)
    {
        var application = new RnnApplication();
        Add(application, 0, "alice", Alice, "predict");
        Add(application, 1, "bob", Bob, "predict");
        Add(application, 2, "manager", Manager, "manage");
        Add(application, 3, "narrow", Narrow, "predict");
        application.Settings["Access:Keys:3:Models:0"] = "names";
        application.Settings["Models:Control"] = "Explicit";
        foreach (var (key, value) in settings)
        {
            application.Settings[key] = value;
        }

        return application;
    }

    public static HttpClient ClientOf(this RnnApplication application, string? key)
    {
        var client = application.CreateClient();
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    static void Add(RnnApplication application, int index, string name, string key, string scope)
    {
        application.Settings[$"Access:Keys:{index}:Name"] = name;
        application.Settings[$"Access:Keys:{index}:Hash"] = Convert.ToHexString(AccessKey.HashOf(key));
        application.Settings[$"Access:Keys:{index}:Scopes:0"] = scope;
    }
}
