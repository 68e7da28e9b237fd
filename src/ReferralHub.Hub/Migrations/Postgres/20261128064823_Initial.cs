using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ReferralHub.Hub.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "agreements",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    proposer = table.Column<string>(type: "text", nullable: false),
                    other = table.Column<string>(type: "text", nullable: false),
                    proposal = table.Column<byte[]>(type: "bytea", nullable: false),
                    acceptance = table.Column<byte[]>(type: "bytea", nullable: true),
                    rank = table.Column<long>(type: "bigint", nullable: true),
                    proposer_sends = table.Column<bool>(type: "boolean", nullable: false),
                    other_sends = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_agreements", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "approvals",
                columns: table => new
                {
                    statement = table.Column<byte[]>(type: "bytea", nullable: false),
                    approves = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_approvals", x => x.statement);
                });

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    index = table.Column<long>(type: "bigint", nullable: true),
                    coarse_type = table.Column<byte>(type: "smallint", nullable: false),
                    @event = table.Column<byte[]>(name: "event", type: "bytea", nullable: false),
                    opening = table.Column<byte[]>(type: "bytea", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    agency = table.Column<string>(type: "text", nullable: true),
                    counterpart = table.Column<string>(type: "text", nullable: true),
                    referral = table.Column<Guid>(type: "uuid", nullable: true),
                    statement = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "client_certificates",
                columns: table => new
                {
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    agency = table.Column<string>(type: "text", nullable: false),
                    supersedes = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_client_certificates", x => x.sha256);
                });

            migrationBuilder.CreateTable(
                name: "clocks",
                columns: table => new
                {
                    referral = table.Column<Guid>(type: "uuid", nullable: false),
                    sender = table.Column<string>(type: "text", nullable: false),
                    recipient = table.Column<string>(type: "text", nullable: false),
                    service = table.Column<string>(type: "text", nullable: false),
                    urgency = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    after = table.Column<byte[]>(type: "bytea", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    since = table.Column<long>(type: "bigint", nullable: false),
                    half = table.Column<long>(type: "bigint", nullable: false),
                    due = table.Column<long>(type: "bigint", nullable: false),
                    leads = table.Column<long>(type: "bigint", nullable: false),
                    coordinator = table.Column<long>(type: "bigint", nullable: false),
                    left = table.Column<long>(type: "bigint", nullable: true),
                    spoke = table.Column<string>(type: "text", nullable: true),
                    next_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_clocks", x => x.referral);
                });

            migrationBuilder.CreateTable(
                name: "consents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    statement = table.Column<byte[]>(type: "bytea", nullable: false),
                    revocation = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_consents", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "directory_entries",
                columns: table => new
                {
                    index = table.Column<long>(type: "bigint", nullable: false),
                    bytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_directory_entries", x => x.index);
                });

            migrationBuilder.CreateTable(
                name: "enrolments",
                columns: table => new
                {
                    agency = table.Column<string>(type: "text", nullable: false),
                    entry = table.Column<byte[]>(type: "bytea", nullable: false),
                    payload_digest = table.Column<byte[]>(type: "bytea", nullable: false),
                    joined = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_enrolments", x => x.agency);
                });

            migrationBuilder.CreateTable(
                name: "feed_heads",
                columns: table => new
                {
                    agency = table.Column<string>(type: "text", nullable: false),
                    n = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feed_heads", x => x.agency);
                });

            migrationBuilder.CreateTable(
                name: "feed_items",
                columns: table => new
                {
                    agency = table.Column<string>(type: "text", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    statement = table.Column<byte[]>(type: "bytea", nullable: false),
                    with = table.Column<byte[]>(type: "bytea", nullable: true),
                    approval = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feed_items", x => new { x.agency, x.position });
                });

            migrationBuilder.CreateTable(
                name: "inbox",
                columns: table => new
                {
                    consumer = table.Column<string>(type: "text", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    received = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox", x => new { x.consumer, x.message_id });
                });

            migrationBuilder.CreateTable(
                name: "invitations",
                columns: table => new
                {
                    token = table.Column<byte[]>(type: "bytea", nullable: false),
                    agency = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    used_by = table.Column<byte[]>(type: "bytea", nullable: true),
                    certificate = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_invitations", x => x.token);
                });

            migrationBuilder.CreateTable(
                name: "leases",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    epoch = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_leases", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "log_heads",
                columns: table => new
                {
                    log = table.Column<string>(type: "text", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    root = table.Column<byte[]>(type: "bytea", nullable: false),
                    note = table.Column<byte[]>(type: "bytea", nullable: false),
                    cosigned = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_log_heads", x => x.log);
                });

            migrationBuilder.CreateTable(
                name: "log_tiles",
                columns: table => new
                {
                    log = table.Column<string>(type: "text", nullable: false),
                    level = table.Column<int>(type: "integer", nullable: false),
                    index = table.Column<long>(type: "bigint", nullable: false),
                    hashes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_log_tiles", x => new { x.log, x.level, x.index });
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    stream_id = table.Column<string>(type: "text", nullable: false),
                    shard = table.Column<int>(type: "integer", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    traceparent = table.Column<string>(type: "text", nullable: true),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    not_before = table.Column<long>(type: "bigint", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    last_error = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox", x => x.seq);
                });

            migrationBuilder.CreateTable(
                name: "outbox_parked",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    stream_id = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    parked = table.Column<long>(type: "bigint", nullable: false),
                    error = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox_parked", x => x.seq);
                });

            migrationBuilder.CreateTable(
                name: "owed",
                columns: table => new
                {
                    referral = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    due = table.Column<long>(type: "bigint", nullable: false),
                    tell_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_owed", x => new { x.referral, x.kind });
                });

            migrationBuilder.CreateTable(
                name: "part_rows",
                columns: table => new
                {
                    part = table.Column<long>(type: "bigint", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    bytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_part_rows", x => new { x.part, x.number });
                });

            migrationBuilder.CreateTable(
                name: "parts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    owner = table.Column<string>(type: "text", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    whole = table.Column<bool>(type: "boolean", nullable: false),
                    referral = table.Column<Guid>(type: "uuid", nullable: true),
                    part = table.Column<string>(type: "text", nullable: true),
                    erase_at = table.Column<long>(type: "bigint", nullable: true),
                    held = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_parts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "published",
                columns: table => new
                {
                    agency = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    statement = table.Column<byte[]>(type: "bytea", nullable: false),
                    issued_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_published", x => new { x.agency, x.kind });
                });

            migrationBuilder.CreateTable(
                name: "published_heads",
                columns: table => new
                {
                    log = table.Column<string>(type: "text", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    root = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_published_heads", x => new { x.log, x.size });
                });

            migrationBuilder.CreateTable(
                name: "recoveries",
                columns: table => new
                {
                    @event = table.Column<byte[]>(name: "event", type: "bytea", nullable: false),
                    certificate = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_recoveries", x => x.@event);
                });

            migrationBuilder.CreateTable(
                name: "referrals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    sender = table.Column<string>(type: "text", nullable: false),
                    recipient = table.Column<string>(type: "text", nullable: false),
                    statement = table.Column<byte[]>(type: "bytea", nullable: false),
                    basis = table.Column<string>(type: "text", nullable: false),
                    consent = table.Column<Guid>(type: "uuid", nullable: true),
                    release = table.Column<string>(type: "text", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    erase_at = table.Column<long>(type: "bigint", nullable: true),
                    revoked = table.Column<bool>(type: "boolean", nullable: false),
                    sender_holds = table.Column<bool>(type: "boolean", nullable: false),
                    recipient_holds = table.Column<bool>(type: "boolean", nullable: false),
                    erased = table.Column<bool>(type: "boolean", nullable: false),
                    erasure_due = table.Column<long>(type: "bigint", nullable: true),
                    urgency = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    withdrawing = table.Column<bool>(type: "boolean", nullable: false),
                    after = table.Column<byte[]>(type: "bytea", nullable: false),
                    expiry_due = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_referrals", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "suspensions",
                columns: table => new
                {
                    agency = table.Column<string>(type: "text", nullable: false),
                    since = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_suspensions", x => x.agency);
                });

            migrationBuilder.CreateTable(
                name: "statements",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "bytea", nullable: false),
                    referral = table.Column<Guid>(type: "uuid", nullable: true),
                    sets_state = table.Column<bool>(type: "boolean", nullable: false),
                    token = table.Column<string>(type: "text", nullable: false),
                    receipt = table.Column<string>(type: "text", nullable: true),
                    event_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_statements", x => x.id);
                    table.ForeignKey(
                        name: "FK_statements_audit_events_event_id",
                        column: x => x.event_id,
                        principalTable: "audit_events",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_agreements_proposer_other",
                table: "agreements",
                columns: new[] { "proposer", "other" });

            migrationBuilder.CreateIndex(
                name: "IX_agreements_rank",
                table: "agreements",
                column: "rank",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_approvals_approves",
                table: "approvals",
                column: "approves");

            migrationBuilder.CreateIndex(
                name: "IX_audit_events_index",
                table: "audit_events",
                column: "index",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_audit_events_referral",
                table: "audit_events",
                column: "referral");

            migrationBuilder.CreateIndex(
                name: "IX_audit_events_statement",
                table: "audit_events",
                column: "statement");

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_queue",
                table: "audit_events",
                column: "id",
                filter: "\"index\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_client_certificates_agency",
                table: "client_certificates",
                column: "agency");

            migrationBuilder.CreateIndex(
                name: "IX_clocks_due",
                table: "clocks",
                column: "due");

            migrationBuilder.CreateIndex(
                name: "IX_clocks_next_at",
                table: "clocks",
                column: "next_at",
                filter: "next_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_feed_items_agency_statement",
                table: "feed_items",
                columns: new[] { "agency", "statement" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_inbox_received",
                table: "inbox",
                column: "received");

            migrationBuilder.CreateIndex(
                name: "IX_outbox_message_id",
                table: "outbox",
                column: "message_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_outbox_stream_id_seq",
                table: "outbox",
                columns: new[] { "stream_id", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_outbox_parked_stream_id",
                table: "outbox_parked",
                column: "stream_id");

            migrationBuilder.CreateIndex(
                name: "IX_owed_tell_at",
                table: "owed",
                column: "tell_at",
                filter: "tell_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_parts_erase_at",
                table: "parts",
                column: "erase_at");

            migrationBuilder.CreateIndex(
                name: "IX_parts_owner_sha256",
                table: "parts",
                columns: new[] { "owner", "sha256" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_parts_referral",
                table: "parts",
                column: "referral");

            migrationBuilder.CreateIndex(
                name: "ix_parts_unclaimed",
                table: "parts",
                column: "owner",
                filter: "\"referral\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_referrals_consent",
                table: "referrals",
                column: "consent");

            migrationBuilder.CreateIndex(
                name: "IX_referrals_erasure_due",
                table: "referrals",
                column: "erasure_due",
                filter: "erasure_due IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_referrals_expiry_due",
                table: "referrals",
                column: "expiry_due",
                filter: "expiry_due IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_statements_event_id",
                table: "statements",
                column: "event_id");

            migrationBuilder.CreateIndex(
                name: "IX_statements_referral",
                table: "statements",
                column: "referral");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "agreements");

            migrationBuilder.DropTable(
                name: "approvals");

            migrationBuilder.DropTable(
                name: "client_certificates");

            migrationBuilder.DropTable(
                name: "clocks");

            migrationBuilder.DropTable(
                name: "consents");

            migrationBuilder.DropTable(
                name: "directory_entries");

            migrationBuilder.DropTable(
                name: "enrolments");

            migrationBuilder.DropTable(
                name: "feed_heads");

            migrationBuilder.DropTable(
                name: "feed_items");

            migrationBuilder.DropTable(
                name: "inbox");

            migrationBuilder.DropTable(
                name: "invitations");

            migrationBuilder.DropTable(
                name: "leases");

            migrationBuilder.DropTable(
                name: "log_heads");

            migrationBuilder.DropTable(
                name: "log_tiles");

            migrationBuilder.DropTable(
                name: "outbox");

            migrationBuilder.DropTable(
                name: "outbox_parked");

            migrationBuilder.DropTable(
                name: "owed");

            migrationBuilder.DropTable(
                name: "part_rows");

            migrationBuilder.DropTable(
                name: "parts");

            migrationBuilder.DropTable(
                name: "published");

            migrationBuilder.DropTable(
                name: "published_heads");

            migrationBuilder.DropTable(
                name: "recoveries");

            migrationBuilder.DropTable(
                name: "referrals");

            migrationBuilder.DropTable(
                name: "statements");

            migrationBuilder.DropTable(
                name: "suspensions");

            migrationBuilder.DropTable(
                name: "audit_events");
        }
    }
}
