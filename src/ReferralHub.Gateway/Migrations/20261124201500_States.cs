using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Gateway.Migrations
{
    /// <inheritdoc />
    public partial class States : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "seen",
                table: "Referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "urgency",
                table: "Referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "Urgent");

            migrationBuilder.AddColumn<bool>(
                name: "withdrawing",
                table: "Referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            // What a look comes after: the referral itself is always one. The next statement tells it, and the urgency, anew.
            migrationBuilder.Sql("UPDATE Referrals SET seen = statement;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "seen",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "urgency",
                table: "Referrals");

            migrationBuilder.DropColumn(
                name: "withdrawing",
                table: "Referrals");
        }
    }
}
