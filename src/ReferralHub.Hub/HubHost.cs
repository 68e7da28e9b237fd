using MassTransit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;

namespace ReferralHub.Hub;

/// <summary>What the server and the commands share: the database and what belongs to it.</summary>
internal static class HubHost
{
    /// <summary>The database, the clock and the directory: all that a command needs.</summary>
    public static IServiceCollection AddHub(this IServiceCollection services, DataFolder data)
    {
        services.AddSingleton(data);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Writer>();
        services.AddSingleton<Wakes>();
        services.AddSingleton<Agencies>();
        services.AddMetrics();
        services.AddSingleton<HubMeters>();
        services.AddSingleton(_ => data.ReadSettings());
        services.AddSingleton(provider => HubKeys.Load(data, provider.GetRequiredService<HubSettings>().Origin));
        services.AddScoped<Intake>();
        services.AddScoped<Evidence>();
        services.AddScoped<Trail>();
        if (data.ReadEngine() is { } engine)
        {
            var postgres = new Postgres(engine.Postgres);
            services.AddSingleton<IStore>(postgres).AddDbContext<HubDb, PostgresHubDb>(postgres.Use);
        }
        else
        {
            var sqlite = new Sqlite(data.Database);
            services.AddSingleton<IStore>(sqlite).AddDbContext<HubDb>(sqlite.Use);
        }

        return services;
    }

    /// <summary>Messages and who consumes them: one line a module.</summary>
    public static void AddMessages(this IServiceCollection services, Action<Messages.Builder> modules)
    {
        var messages = Messages.Of(modules);
        services.AddSingleton(messages);
        services.AddSingleton<ICarrier, MediatorCarrier>();
        services.AddMediator(mediator =>
        {
            foreach (var consumer in messages.Consumers) mediator.AddConsumer(consumer);
        });
    }

    /// <summary>The same, with RabbitMQ between.</summary>
    public static void AddMessages(this IServiceCollection services, Action<Messages.Builder> modules, Broker broker)
    {
        var messages = Messages.Of(modules);
        services.AddSingleton(messages);
        services.AddSingleton(broker);
        services.AddSingleton<ICarrier, BrokerCarrier>();
        services.AddMassTransit(bus =>
        {
            foreach (var consumer in messages.Consumers) bus.AddConsumer(consumer);
            bus.UsingRabbitMq((context, rabbit) => broker.Configure(context, rabbit, messages));
        });
        services.AddHostedService<DeadLetterWatch>();
    }
}
