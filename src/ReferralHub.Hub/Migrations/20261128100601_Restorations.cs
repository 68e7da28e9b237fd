using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Hub.Migrations
{
    /// <inheritdoc />
    public partial class Restorations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "number",
                table: "log_heads",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.CreateTable(
                name: "attendances",
                columns: table => new
                {
                    agency = table.Column<string>(type: "TEXT", nullable: false),
                    size = table.Column<long>(type: "INTEGER", nullable: true),
                    root = table.Column<byte[]>(type: "BLOB", nullable: true),
                    done = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_attendances", x => x.agency);
                });

            migrationBuilder.CreateTable(
                name: "handed_in",
                columns: table => new
                {
                    statement = table.Column<byte[]>(type: "BLOB", nullable: false),
                    token = table.Column<string>(type: "TEXT", nullable: false),
                    @event = table.Column<byte[]>(name: "event", type: "BLOB", nullable: true),
                    opening = table.Column<byte[]>(type: "BLOB", nullable: true),
                    receipt = table.Column<string>(type: "TEXT", nullable: true),
                    proof = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_handed_in", x => x.statement);
                });

            migrationBuilder.CreateTable(
                name: "restorations",
                columns: table => new
                {
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    backup = table.Column<long>(type: "INTEGER", nullable: false),
                    directory = table.Column<long>(type: "INTEGER", nullable: false),
                    opened = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_restorations", x => x.number);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "attendances");

            migrationBuilder.DropTable(
                name: "handed_in");

            migrationBuilder.DropTable(
                name: "restorations");

            migrationBuilder.DropColumn(
                name: "number",
                table: "log_heads");
        }
    }
}
