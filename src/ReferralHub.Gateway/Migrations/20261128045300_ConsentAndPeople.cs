using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Gateway.Migrations
{
    /// <inheritdoc />
    public partial class ConsentAndPeople : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "approves",
                table: "Statements",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "consent",
                table: "Referrals",
                type: "TEXT",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT");

            migrationBuilder.AddColumn<string>(
                name: "basis",
                table: "Referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "Consent");

            migrationBuilder.AddColumn<bool>(
                name: "erased",
                table: "Referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "erasure_due",
                table: "Referrals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "locked",
                table: "Referrals",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "recipient_holds",
                table: "Referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "release",
                table: "Referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "OnAcceptance");

            migrationBuilder.AddColumn<bool>(
                name: "revoked",
                table: "Referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_categories",
                table: "Referrals",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "sender_holds",
                table: "Referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "is_auditor",
                table: "People",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "locked_until",
                table: "People",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_secret",
                table: "People",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "wrong_secrets",
                table: "People",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "revocation",
                table: "Consents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Drafts",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    referral = table.Column<string>(type: "TEXT", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    facts = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Drafts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "ExcludedAgencies",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    sealed_subject = table.Column<byte[]>(type: "BLOB", nullable: false),
                    sealed_agency = table.Column<byte[]>(type: "BLOB", nullable: true),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExcludedAgencies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "RefusedLooks",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    referral = table.Column<string>(type: "TEXT", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RefusedLooks", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Statements_approves",
                table: "Statements",
                column: "approves");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Drafts");

            migrationBuilder.DropTable(
                name: "ExcludedAgencies");

            migrationBuilder.DropTable(
                name: "RefusedLooks");

            migrationBuilder.DropIndex(
                name: "IX_Statements_approves",
                table: "Statements");

            migrationBuilder.DropColumn(
                name: "approves",
                table: "Statements");

            migrationBuilder.DropColumn(
                name: "basis",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "erased",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "erasure_due",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "locked",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "recipient_holds",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "release",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "revoked",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "sealed_categories",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "sender_holds",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "is_auditor",
                table: "People");

            migrationBuilder.DropColumn(
                name: "locked_until",
                table: "People");

            migrationBuilder.DropColumn(
                name: "sealed_secret",
                table: "People");

            migrationBuilder.DropColumn(
                name: "wrong_secrets",
                table: "People");

            migrationBuilder.DropColumn(
                name: "revocation",
                table: "Consents");

            migrationBuilder.AlterColumn<string>(
                name: "consent",
                table: "Referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldNullable: true);
        }
    }
}
