// arguments.cc: where the arguments of a call are.  System V ABI for x86-64, 3.2.3.
//
// A stub to the system stack copies the arguments that are on the stack, as many as there may be: of a variadic function
// nobody knows.  Where a call passes none there, it is told by the callee's name.
#include "src/c/plugin/plugin.h"

using namespace llvm;

namespace
{

constexpr unsigned WORD_BYTES = 8;
constexpr unsigned INTEGER_REGISTERS = 6;
constexpr unsigned VECTOR_REGISTERS = 8;

// Registers and words that the arguments of a call have used so far.
struct Used {
    unsigned integers = 0, vectors = 0, bytes = 0;

    void on_stack(unsigned size, unsigned alignment)
    {
        bytes = alignTo(bytes, std::max(alignment, WORD_BYTES)) + alignTo(size, WORD_BYTES);
    }

    void integer(unsigned words)
    {
        if (integers + words <= INTEGER_REGISTERS)
            integers += words;
        else
            on_stack(words * WORD_BYTES, words * WORD_BYTES);
    }

    void scalar(Type *type, unsigned size)
    {
        if (type->isX86_FP80Ty())
            on_stack(2 * WORD_BYTES, 2 * WORD_BYTES);
        else if (!type->isFloatingPointTy() && !type->isVectorTy())
            integer(size > WORD_BYTES ? 2 : 1);
        else if (vectors < VECTOR_REGISTERS)
            vectors++;
        else
            on_stack(size, size);
    }
};

bool is_in_registers(const Function &function, const Use &use)
{
    const auto *call = dyn_cast<CallBase>(use.getUser());
    return call != nullptr && call->isCallee(&use) &&
           contig::stack_argument_bytes(*call, function.getParent()->getDataLayout()) == 0;
}

} // namespace

unsigned contig::stack_argument_bytes(const CallBase &call, const DataLayout &layout)
{
    Used used;
    for (unsigned i = 0; i < call.arg_size(); i++) {
        if (call.isByValArgument(i))
            used.on_stack(layout.getTypeAllocSize(call.getParamByValType(i)),
                          call.getParamAlign(i).valueOrOne().value());
        else
            used.scalar(call.getArgOperand(i)->getType(),
                        layout.getTypeAllocSize(call.getArgOperand(i)->getType()));
    }
    return used.bytes;
}

bool contig::arguments_in_registers(const Function &function)
{
    const DataLayout &layout = function.getParent()->getDataLayout();
    Used used;
    for (const Argument &argument : function.args()) {
        if (argument.hasPassPointeeByValueCopyAttr() || argument.hasStructRetAttr())
            return false;
        used.scalar(argument.getType(), layout.getTypeAllocSize(argument.getType()));
    }
    return used.bytes == 0;
}

AttributeList contig::attributes_of_call(const Function &callee)
{
    AttributeList given = callee.getAttributes();
    SmallVector<AttributeSet, 8> of_parameters;
    for (unsigned i = 0; i < callee.arg_size(); i++)
        of_parameters.push_back(given.getParamAttrs(i));
    return AttributeList::get(callee.getContext(), {}, given.getRetAttrs(), of_parameters);
}

void contig::name_callees(Module &module)
{
    SmallVector<Function *, 16> declared;
    for (Function &function : module)
        if (function.isDeclaration() && function.isVarArg() && !function.isIntrinsic())
            declared.push_back(&function);
    for (Function *function : declared) {
        auto *named = Function::Create(function->getFunctionType(), GlobalValue::ExternalLinkage,
                                       IN_REGISTERS + function->getName(), module);
        named->copyAttributesFrom(function);
        function->replaceUsesWithIf(
            named, [function](const Use &use) { return is_in_registers(*function, use); });
    }
}
