using ReferralHub.Hub.Commands;

return await Shell.Run(
    Shell.Root(
        "ReferralHub: routes sealed referrals between agencies and reads none of them",
        Init.Make(),
        GenesisComplete.Make(),
        PolicyAdd.Make(),
        AgencyCommands.Make(),
        Serve.Make(),
        AskHealth.Make(),
        LogCommands.Make(),
        Doctor.Make(),
        Doctor.MakeConfigCheck(),
        OutboxCommands.Make(),
        Backup.Make(),
        Restore.Make(),
        EvidenceCommand.Make(),
        BoardCommand.Make(),
        CoordinatorCommands.Make(),
        TrailCommand.Make(),
        WriteApi.Make()),
    args);
