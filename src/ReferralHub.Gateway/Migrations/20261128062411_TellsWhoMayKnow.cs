using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Gateway.Migrations
{
    /// <inheritdoc />
    public partial class TellsWhoMayKnow : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "told_at",
                table: "Alerts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.Sql("UPDATE \"Alerts\" SET told_at = at WHERE notice IS NOT NULL");

            migrationBuilder.DropIndex(
                name: "ix_alerts_waiting",
                table: "Alerts");

            migrationBuilder.DropColumn(
                name: "notice",
                table: "Alerts");

            migrationBuilder.AddColumn<string>(
                name: "visible_to",
                table: "Referrals",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_contact",
                table: "People",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "person",
                table: "Notices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_exclusions",
                table: "Drafts",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_alerts_waiting",
                table: "Alerts",
                column: "id",
                filter: "told_at IS NULL AND is_settled = 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_alerts_waiting",
                table: "Alerts");

            migrationBuilder.DropColumn(
                name: "visible_to",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "sealed_contact",
                table: "People");

            migrationBuilder.DropColumn(
                name: "person",
                table: "Notices");

            migrationBuilder.DropColumn(
                name: "sealed_exclusions",
                table: "Drafts");

            migrationBuilder.DropColumn(
                name: "told_at",
                table: "Alerts");

            migrationBuilder.AddColumn<string>(
                name: "notice",
                table: "Alerts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_alerts_waiting",
                table: "Alerts",
                column: "id",
                filter: "notice IS NULL AND is_settled = 0");
        }
    }
}
