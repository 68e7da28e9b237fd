// Each test starts processes of its own and some measure them: one at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: ReferralHub.SystemTests.ShowsLogs]
[assembly: AssemblyFixture(typeof(ReferralHub.SystemTests.Servers.SharedServers))]
