// refuse.cc: functions that cannot run on a stack that moves are refused, with place, reason and what to do.
//
// CFRAME-22, CFRAME-23, CFRAME-24.  What shows in the machine code only is left to the checker (src/c/check).
#include <llvm/ADT/StringSet.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "src/c/plugin/plugin.h"

using namespace llvm;

namespace
{

constexpr unsigned VECTOR_BITS = 128;

bool convention_fits(CallingConv::ID convention)
{
    return convention == CallingConv::C || convention == CallingConv::Fast ||
           convention == CallingConv::Cold || convention == CallingConv::X86_64_SysV;
}

// Inline assembly, in which every word counts: %rsp and rsp are the same word here.
bool names_stack_register(StringRef text)
{
    static const StringSet<> names = {"rsp", "esp", "sp", "spl", "rbp", "ebp", "bp", "bpl"};
    size_t begin = 0;
    for (size_t i = 0; i <= text.size(); i++) {
        if (i < text.size() && (isAlnum(text[i]) || text[i] == '_' || text[i] == '.'))
            continue;
        if (names.contains(text.slice(begin, i).lower()))
            return true;
        begin = i + 1;
    }
    return false;
}

void check_intrinsic(const Function &function, const IntrinsicInst &intrinsic)
{
    switch (intrinsic.getIntrinsicID()) {
    case Intrinsic::frameaddress:
    case Intrinsic::addressofreturnaddress:
    case Intrinsic::sponentry:
        contig::refuse(function, intrinsic.getDebugLoc(),
                       "it takes the address of its frame, which moves; "
                       "keep such code on the system stack");
        break;
    case Intrinsic::returnaddress:
        if (!cast<ConstantInt>(intrinsic.getArgOperand(0))->isZero())
            contig::refuse(function, intrinsic.getDebugLoc(),
                           "it reads the return address of a caller by frame pointers, which "
                           "there are none of; use level 0");
        break;
    case Intrinsic::eh_sjlj_setjmp:
    case Intrinsic::eh_sjlj_longjmp:
        contig::refuse(function, intrinsic.getDebugLoc(),
                       "__builtin_setjmp and __builtin_longjmp keep addresses of the stack; "
                       "use setjmp and longjmp");
        break;
    case Intrinsic::read_register:
    case Intrinsic::read_volatile_register:
    case Intrinsic::write_register: {
        const auto *name = cast<MetadataAsValue>(intrinsic.getArgOperand(0))->getMetadata();
        if (names_stack_register(cast<MDString>(cast<MDNode>(name)->getOperand(0))->getString()))
            contig::refuse(function, intrinsic.getDebugLoc(),
                           "a register variable names the stack pointer or rbp; remove it");
        break;
    }
    default: break;
    }
}

void check_call(const Function &function, const CallBase &call)
{
    if (const auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand())) {
        if (names_stack_register(assembly->getAsmString()) ||
            names_stack_register(assembly->getConstraintString()))
            contig::refuse(function, call.getDebugLoc(),
                           "inline assembly names the stack pointer or rbp; "
                           "write it without, or keep the function on the system stack");
        return;
    }
    if (!convention_fits(call.getCallingConv()))
        contig::refuse(function, call.getDebugLoc(),
                       "it calls a function with another calling convention than C's, whose "
                       "registers morestack does not keep; remove the attribute");
    for (unsigned i = 0; i < call.arg_size(); i++)
        if (call.paramHasAttr(i, Attribute::Nest))
            contig::refuse(function, call.getDebugLoc(),
                           "it passes a static chain, whose register the check of the stack "
                           "uses; pass an ordinary argument");
    const DataLayout &layout = function.getParent()->getDataLayout();
    if (!call.getFunctionType()->isVarArg())
        return;
    unsigned bytes = contig::stack_argument_bytes(call, layout);
    if (bytes > contig::VARIADIC_STACK_BYTES)
        contig::refuse(function, call.getDebugLoc(),
                       "a call of a variadic function passes " + Twine(bytes) +
                           " bytes on the stack, and at most " +
                           Twine(contig::VARIADIC_STACK_BYTES) +
                           " are copied; pass fewer arguments, or a pointer to them");
}

void check_definition(const Function &function)
{
    DebugLoc nowhere;
    if (!convention_fits(function.getCallingConv()))
        contig::refuse(function, nowhere,
                       "its calling convention is not C's, and morestack does not keep its "
                       "registers; remove the attribute");
    if (function.hasFnAttribute(Attribute::Naked))
        contig::refuse(function, nowhere,
                       "a naked function has no check of the stack; write it in a file of "
                       "assembly with the macros of frame.h");
    for (const Argument &argument : function.args()) {
        if (argument.hasNestAttr())
            contig::refuse(function, nowhere,
                           "it has a static chain, whose register the check of the stack uses; "
                           "pass an ordinary argument");
        const auto *vector = dyn_cast<FixedVectorType>(argument.getType());
        if (vector != nullptr && vector->getPrimitiveSizeInBits() > VECTOR_BITS)
            contig::refuse(function, nowhere,
                           "an argument is a vector of more than 128 bits, and morestack keeps "
                           "128; pass a pointer to it");
    }
}

// The attributes that options leave on every function, but for the shims, which are made later.
void check_options(const Function &function)
{
    DebugLoc nowhere;
    if (!function.hasFnAttribute(Attribute::SafeStack))
        contig::refuse(function, nowhere,
                       "it was not compiled with -fsanitize=safe-stack; compile with contig-cc, "
                       "and without the attribute no_sanitize");
    if (function.getFnAttribute("frame-pointer").getValueAsString() == "all")
        contig::refuse(function, nowhere,
                       "rbp would hold an address of the stack; compile with "
                       "-fomit-frame-pointer");
    if (function.hasFnAttribute("probe-stack"))
        contig::refuse(function, nowhere,
                       "probes of the stack pass its check; compile with "
                       "-fno-stack-clash-protection");
}

} // namespace

void contig::refuse(const Function &function, const DebugLoc &place, const Twine &reason)
{
    DiagnosticLocation location(place);
    if (!location.isValid() && function.getSubprogram() != nullptr)
        location = DiagnosticLocation(function.getSubprogram());
    std::string name = function.getName().str();
    function.getContext().diagnose(DiagnosticInfoUnsupported(
        function, "function " + Twine(name) + ": " + reason, location, DS_Error));
}

void contig::refuse_unfit(Module &module)
{
    for (const Function &function : module) {
        if (function.isDeclaration())
            continue;
        // Code is generated when the program is linked, without this plugin.
        if (module.getModuleFlag("EnableSplitLTOUnit") != nullptr) {
            refuse(function, DebugLoc(),
                   "code of link-time optimization is made without the plugin; "
                   "compile without -flto");
            return;
        }
        check_definition(function);
        for (const Instruction &instruction : instructions(function)) {
            if (const auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction))
                check_intrinsic(function, *intrinsic);
            else if (const auto *call = dyn_cast<CallBase>(&instruction))
                check_call(function, *call);
        }
    }
}

void contig::refuse_options(Module &module)
{
    for (const Function &function : module)
        if (!function.isDeclaration())
            check_options(function);
}
