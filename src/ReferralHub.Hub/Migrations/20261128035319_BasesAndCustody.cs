using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ReferralHub.Hub.Migrations
{
    /// <inheritdoc />
    public partial class BasesAndCustody : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "basis",
                table: "referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "Consent");

            migrationBuilder.AddColumn<Guid>(
                name: "consent",
                table: "referrals",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "erase_at",
                table: "referrals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "erased",
                table: "referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "erasure_due",
                table: "referrals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "recipient_holds",
                table: "referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "release",
                table: "referrals",
                type: "TEXT",
                nullable: false,
                defaultValue: "OnAcceptance");

            migrationBuilder.AddColumn<bool>(
                name: "revoked",
                table: "referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "sender_holds",
                table: "referrals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "held",
                table: "parts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte[]>(
                name: "approval",
                table: "feed_items",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "revocation",
                table: "consents",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "approvals",
                columns: table => new
                {
                    statement = table.Column<byte[]>(type: "BLOB", nullable: false),
                    approves = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_approvals", x => x.statement);
                });

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
                name: "IX_approvals_approves",
                table: "approvals",
                column: "approves");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "approvals");

            migrationBuilder.DropIndex(
                name: "IX_referrals_consent",
                table: "referrals");

            migrationBuilder.DropIndex(
                name: "IX_referrals_erasure_due",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "basis",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "consent",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "erase_at",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "erased",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "erasure_due",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "recipient_holds",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "release",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "revoked",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "sender_holds",
                table: "referrals");

            migrationBuilder.DropColumn(
                name: "held",
                table: "parts");

            migrationBuilder.DropColumn(
                name: "approval",
                table: "feed_items");

            migrationBuilder.DropColumn(
                name: "revocation",
                table: "consents");
        }
    }
}
