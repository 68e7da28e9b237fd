using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Servers;

namespace ReferralHub.Benchmarks.Mail;

/// <summary>Debian's Postfix, which puts what it takes into a Maildir for each address. Like any Postfix it says that it has taken a mail only once that is on the disk.</summary>
internal sealed class MailServer(string folder, IEnumerable<string> names) : Server(folder, "postfix", "root")
{
    public const string Domain = "mail.invalid";

    protected override string PidFile => Path.Combine(Folder, "queue", "pid", "master.pid");

    /// <summary>Where new mail to a name is.</summary>
    public string NewOf(string name) => Path.Combine(Folder, "mail", name, "new");

    /// <summary>Makes its folders, and starts it.</summary>
    public async Task Make()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/sbin/postfix")) throw new InvalidOperationException("Postfix has to be there (apt install postfix), and only root can start it.");
        var (uid, gid) = (await Ask("-u"), await Ask("-g"));
        foreach (var name in new[] { "conf", "queue", "data", "mail" }) Directory.CreateDirectory(Path.Combine(Folder, name));
        await File.WriteAllLinesAsync(Path.Combine(Folder, "conf", "mailboxes"), names.Select(name => $"{name}@{Domain} {name}/"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "conf", "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {Folder}/queue
            data_directory = {Folder}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = {Domain}
            mydestination =
            alias_maps =
            alias_database =
            smtpd_relay_restrictions = permit_mynetworks, reject
            virtual_mailbox_domains = {Domain}
            virtual_mailbox_base = {Folder}/mail
            virtual_mailbox_maps = texthash:{Folder}/conf/mailboxes
            virtual_minimum_uid = 1
            virtual_uid_maps = static:{uid}
            virtual_gid_maps = static:{gid}
            maillog_file = {Folder}/log
            maillog_file_prefixes = {Folder}

            """);
        await File.WriteAllTextAsync(Path.Combine(Folder, "conf", "master.cf"), $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            postlog unix-dgram n - n - 1 postlogd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            proxymap unix - - n - - proxymap
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            error unix - - n - - error
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil

            """);
        await Start(CancellationToken.None);
    }

    // Its own programs give up root, and write there.
    protected override IEnumerable<string> CommandLine() =>
        ["bash", "-c", $"chown -R postfix: {Folder}/data {Folder}/mail && exec postfix -c {Folder}/conf start-fg"];

    private static async Task<string> Ask(string what) => (await Executable.Tool("id").Run([what, "postfix"], CancellationToken.None)).Succeeded().Trim();
}
