"""C on goroutine stacks: libraries and programs that contig-cc makes, and what it works with."""

def contig_kit(name, headers, tools, library, runtime, main):
    """Puts a kit for contig-cc together, in the folder NAME of the package.

    Args:
      name: of the target, and of the folder
      headers: files, each with its place below include/
      tools: files that lie in the folder itself
      library: C that runs on goroutine stacks itself: goroutine.a, of which programs get what they use
      runtime: archives that make one object, runtime.o
      main: the same for main.o
    """
    copies = ["cp $(location %s) $(RULEDIR)/%s/" % (tool, name) for tool in tools]
    copies += [
        "cp $(location %s) $(RULEDIR)/%s/include/%s" % (header, name, place)
        for header, place in headers.items()
    ]
    joins = [
        "ld.bfd -r --whole-archive $(locations %s) -o $(RULEDIR)/%s/%s.o" % (archives, name, made)
        for made, archives in [("runtime", runtime), ("main", main)]
    ]
    kit = "$(RULEDIR)/" + name
    objects = ["%s/%s.o" % (kit, source.split("/")[-1][:-len(".c")]) for source in library]
    compiles = [
        " ".join([
            "clang-14 $$(sed 's/#.*//' %s/flags.txt)" % kit,
            "-fpass-plugin=%s/contig_plugin.so -O2 -Wall -Wextra -Werror -I%s/include" % (kit, kit),
            "-c $(location %s) -o %s" % (source, made),
        ])
        for source, made in zip(library, objects)
    ]
    archive = ["ar rcD %s/goroutine.a %s" % (kit, " ".join(objects)), "rm " + " ".join(objects)]
    native.genrule(
        name = name,
        srcs = list(headers) + tools + library + [runtime, main],
        outs = ["%s/%s" % (name, tool.split(":")[1]) for tool in tools] +
               ["%s/include/%s" % (name, place) for place in headers.values()] +
               ["%s/%s.o" % (name, made) for made in ["runtime", "main"]] +
               [name + "/goroutine.a"],
        cmd = "\n".join(copies + joins + compiles + archive),
    )

def _made(name, srcs, out, words, visibility, executable = False):
    """One run of contig-cc."""
    native.genrule(
        name = name,
        srcs = srcs,
        outs = [out],
        cmd = " ".join([
            "$(execpath //src/c:contig-cc)",
            "--kit=$$(dirname $(execpath //src/c:kit/flags.txt))",
            "-iquote .",
        ] + words + ["-o $@"]),
        executable = executable,
        tools = [
            "//src/c:contig-cc",
            "//src/c:contig_cc_files",
            "//src/c:kit/flags.txt",
        ],
        visibility = visibility,
    )

def cc_goroutine_library(name, srcs, hdrs = [], copts = ["-O2"], visibility = None):
    """C that runs on goroutines: objects for the programs that have it in deps.

    Args:
      name: of the target
      srcs: sources in C
      hdrs: headers that they include, from the root of the tree
      copts: options of clang
      visibility: as everywhere
    """
    objects = [(source, name + "/" + source[:-len(".c")] + ".o") for source in srcs]
    for source, made in objects:
        words = copts + ["-c $(location %s)" % source]
        _made(made + "_compiled", [source] + hdrs, made, words, visibility)
    native.filegroup(
        name = name,
        srcs = [made for _, made in objects],
        visibility = visibility,
    )

def cc_goroutine_binary(name, srcs, deps = [], hdrs = [], options = ["-O2"], visibility = None):
    """A program whose main is the first goroutine: NAME.

    Args:
      name: of the target is NAME_linked; of the program, NAME
      srcs: sources in C
      deps: cc_goroutine_library targets
      hdrs: headers that the sources include, from the root of the tree
      options: of contig-cc
      visibility: as everywhere
    """
    inputs = ["$(locations %s)" % input for input in srcs + deps]
    _made(name + "_linked", srcs + deps + hdrs, name, inputs + options, visibility, True)
