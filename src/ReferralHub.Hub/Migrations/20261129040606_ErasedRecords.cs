using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Hub.Migrations
{
    /// <inheritdoc />
    public partial class ErasedRecords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "erased_records",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    index = table.Column<long>(type: "INTEGER", nullable: true),
                    leaf = table.Column<byte[]>(type: "BLOB", nullable: false),
                    statement = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_erased_records", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_erased_records_index",
                table: "erased_records",
                column: "index",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_erased_records_statement",
                table: "erased_records",
                column: "statement");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "erased_records");
        }
    }
}
