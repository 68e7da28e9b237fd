using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace ReferralHub.Gateway;

/// <summary>The data folder, when it cannot be used.</summary>
internal static class Store
{
    /// <summary>
    /// Whether something was not read or written because of the folder: its disk is full, or it may not be written. What was to be
    /// done was not, so it can be done again; a gateway goes on, since it may be over in a minute.
    /// </summary>
    public static bool Failed(this Exception e) => e is DbException or DbUpdateException or IOException or UnauthorizedAccessException;
}
