"""string_flag: a build setting with a fixed set of values."""

def _string_flag_impl(ctx):
    value = ctx.build_setting_value
    if value not in ctx.attr.values:
        fail("%s is %r; it must be one of %s" % (ctx.label, value, ", ".join(ctx.attr.values)))
    return []

string_flag = rule(
    implementation = _string_flag_impl,
    attrs = {"values": attr.string_list(mandatory = True)},
    build_setting = config.string(flag = True),
)
