using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Outbox;

/// <summary>
/// The closed set of messages and who consumes them. A module adds its own in <c>Module.Messages</c>. One that nobody
/// consumes would vanish without a sound, so <see cref="Of"/> refuses it and the hub does not start.
/// </summary>
internal sealed class Messages
{
    private readonly FrozenDictionary<string, Type> _types;

    private Messages(FrozenDictionary<string, Type> types, IReadOnlyCollection<Type> consumers) =>
        (_types, Consumers) = (types, consumers);

    public IReadOnlyCollection<Type> Types => _types.Values;

    public IReadOnlyCollection<Type> Consumers { get; }

    /// <exception cref="InvalidOperationException">A message has no consumer, or a consumer no message.</exception>
    public static Messages Of(Action<Builder> modules)
    {
        var builder = new Builder();
        modules(builder);
        var consumed = builder.Consumers.SelectMany(Consumed).ToHashSet();
        if (builder.Types.FirstOrDefault(type => !consumed.Contains(type)) is { } lost)
            throw new InvalidOperationException($"No consumer takes {lost.Name}: it would be lost. Add one in its module.");
        if (consumed.FirstOrDefault(type => !builder.Types.Contains(type)) is { } unknown)
            throw new InvalidOperationException($"{unknown.Name} is consumed and never published. Add it in its module.");
        return new(builder.Types.ToFrozenDictionary(Name), builder.Consumers);
    }

    public static string Name(Type type) => JsonNamingPolicy.KebabCaseLower.ConvertName(type.Name);

    public Type? Find(string name) => _types.GetValueOrDefault(name);

    private static IEnumerable<Type> Consumed(Type consumer) =>
        from role in consumer.GetInterfaces()
        where role.IsGenericType && role.GetGenericTypeDefinition() == typeof(IConsumer<>)
        select role.GenericTypeArguments[0];

    internal sealed class Builder
    {
        internal HashSet<Type> Types { get; } = [];
        internal HashSet<Type> Consumers { get; } = [];

        public Builder Message<T>()
            where T : class
        {
            Types.Add(typeof(T));
            return this;
        }

        public Builder Consumer<T>()
            where T : class, IConsumer
        {
            Consumers.Add(typeof(T));
            return this;
        }
    }
}

internal static class Publishing
{
    private const int Shards = 32;

    /// <summary>Which of the relays a stream belongs to.</summary>
    public static int ShardOf(string stream) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(stream)).AsSpan()[0] % Shards;

    /// <summary>
    /// Adds <paramref name="message"/> to the write that is under way. It is delivered at least once after the commit, in
    /// order with the others of <paramref name="stream"/> (a referral's id, for one).
    /// </summary>
    public static void Publish<T>(this HubDb db, T message, string stream)
        where T : class
    {
        var now = db.Clock.GetUtcNow();
        db.Add(new OutboxMessage
        {
            MessageId = Guid.CreateVersion7(now),
            StreamId = stream,
            Shard = ShardOf(stream),
            Type = Messages.Name(typeof(T)),
            Body = StrictJson.Write(message),
            Traceparent = Activity.Current?.Id,
            Created = now,
            NotBefore = now,
        });
        db.WakeAfterCommit(db.Wakes.Relay);
    }
}
