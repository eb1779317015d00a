// escape.cc: variables whose address could be kept over a call go to the side stack.  CFRAME-20.
//
// safe-stack leaves a variable on the stack if all accesses are proved to be within its bounds.  The code generator may
// then keep the address of an element in a register, or in a word of the stack, over a call.  With accesses at constant
// offsets only, it has no address to keep, unless it makes one: of a choice between two loads it makes a load from a
// chosen address.  So the loads from variables that stay are volatile: those are left as they are.
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/ModuleUtils.h>

#include "src/c/plugin/plugin.h"

using namespace llvm;

namespace
{

// The stack pointer is a multiple of this at every call, and no frame is aligned to more.
constexpr unsigned STACK_ALIGNMENT = 16;

bool constant_accesses_only(const Value *address);

bool constant_access(const Value *address, const User *user)
{
    if (const auto *element = dyn_cast<GetElementPtrInst>(user))
        return element->hasAllConstantIndices() && constant_accesses_only(element);
    if (isa<BitCastInst>(user))
        return constant_accesses_only(user);
    if (isa<LoadInst>(user))
        return true;
    if (const auto *store = dyn_cast<StoreInst>(user))
        return store->getValueOperand() != address;
    const auto *intrinsic = dyn_cast<IntrinsicInst>(user);
    return intrinsic != nullptr &&
           (intrinsic->isLifetimeStartOrEnd() || isa<DbgInfoIntrinsic>(intrinsic));
}

bool constant_accesses_only(const Value *address)
{
    for (const User *user : address->users())
        if (!constant_access(address, user))
            return false;
    return true;
}

bool stays(const AllocaInst *variable)
{
    return variable->isStaticAlloca() && variable->getAlign().value() <= STACK_ALIGNMENT &&
           constant_accesses_only(variable);
}

// The code generator gives a variable's place to each block, but an argument's address to the first alone: the others
// get it in a register.
bool used_at_first_only(const Argument &argument, const Value *address)
{
    const BasicBlock *first = &argument.getParent()->getEntryBlock();
    for (const User *user : address->users()) {
        if (cast<Instruction>(user)->getParent() != first)
            return false;
        if ((isa<GetElementPtrInst>(user) || isa<BitCastInst>(user)) &&
            !used_at_first_only(argument, user))
            return false;
    }
    return true;
}

bool stays(const Argument &argument)
{
    return constant_accesses_only(&argument) && used_at_first_only(argument, &argument);
}

void keep_loads(Value *address)
{
    for (User *user : address->users()) {
        if (auto *load = dyn_cast<LoadInst>(user))
            load->setVolatile(true);
        else if (isa<GetElementPtrInst>(user) || isa<BitCastInst>(user))
            keep_loads(user);
    }
}

void escape_locals_of(Function &function)
{
    SmallVector<AllocaInst *, 16> leaving;
    for (Instruction &instruction : instructions(function))
        if (auto *variable = dyn_cast<AllocaInst>(&instruction)) {
            if (stays(variable))
                keep_loads(variable);
            else
                leaving.push_back(variable);
        }
    for (AllocaInst *variable : leaving) {
        IRBuilder<> builder(variable->getNextNode());
        contig::take_address(builder, variable);
    }
    // A structure that is passed by value lies in the caller's frame; safe-stack copies it if its address is taken.
    IRBuilder<> builder(&*function.getEntryBlock().getFirstInsertionPt());
    for (Argument &argument : function.args()) {
        if (!argument.hasByValAttr())
            continue;
        if (stays(argument))
            keep_loads(&argument);
        else
            contig::take_address(builder, &argument);
    }
}

} // namespace

void contig::take_address(IRBuilder<> &builder, Value *address)
{
    auto *type = FunctionType::get(builder.getVoidTy(), {address->getType()}, false);
    builder.CreateCall(type, InlineAsm::get(type, "", "r", true), {address});
}

GlobalVariable *contig::side_pointer(Module &module)
{
    const char *name = "__safestack_unsafe_stack_ptr";
    if (GlobalVariable *known = module.getGlobalVariable(name))
        return known;
    Type *type = Type::getInt8PtrTy(module.getContext());
    return new GlobalVariable(module, type, false, GlobalValue::ExternalLinkage, nullptr, name,
                              nullptr, GlobalValue::LocalExecTLSModel);
}

void contig::escape_locals(Module &module)
{
    appendToCompilerUsed(module, {side_pointer(module)});
    for (Function &function : module)
        if (!function.isDeclaration())
            escape_locals_of(function);
}
