using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Hub.Migrations
{
    /// <inheritdoc />
    public partial class AgencyEvents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "supersedes",
                table: "client_certificates",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "recoveries",
                columns: table => new
                {
                    @event = table.Column<byte[]>(name: "event", type: "BLOB", nullable: false),
                    certificate = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_recoveries", x => x.@event);
                });

            migrationBuilder.CreateTable(
                name: "suspensions",
                columns: table => new
                {
                    agency = table.Column<string>(type: "TEXT", nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_suspensions", x => x.agency);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "recoveries");

            migrationBuilder.DropTable(
                name: "suspensions");

            migrationBuilder.DropColumn(
                name: "supersedes",
                table: "client_certificates");
        }
    }
}
