using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Gateway.Migrations
{
    /// <inheritdoc />
    public partial class AlarmsAreCleared : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "cleared_at",
                table: "Alarms",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "cleared_by",
                table: "Alarms",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "sealed_reason",
                table: "Alarms",
                type: "BLOB",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "cleared_at",
                table: "Alarms");

            migrationBuilder.DropColumn(
                name: "cleared_by",
                table: "Alarms");

            migrationBuilder.DropColumn(
                name: "sealed_reason",
                table: "Alarms");
        }
    }
}
