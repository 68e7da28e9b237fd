[assembly: Trait("group", "fast")]
