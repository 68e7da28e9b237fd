// Two at a time, since each mostly waits for processes; what they measure, they measure of one process. Whatever shares a fixture
// that it stops, freezes or restarts is in the collection of that fixture's name, of which one test runs at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 2)]
[assembly: ReferralHub.SystemTests.ShowsLogs]
[assembly: AssemblyFixture(typeof(ReferralHub.SystemTests.Servers.SharedServers))]
