// variadic.cc: a variadic function becomes a shim and a body.  CFRAME-21.
//
// The code generator refuses a variadic function that checks the stack.  The shim keeps its name and has no check; it
// fits into the guard.  It copies the argument registers and the stack arguments to the side stack, makes a va_list
// that points to these copies, and calls the body.  The body has the check; its va_start copies that va_list.
//
//     side stack:  va_list (24 bytes) -> argument registers (176) | stack arguments (VARIADIC_STACK_BYTES)
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

#include "src/c/plugin/plugin.h"

using namespace llvm;

namespace
{

// va_list and the area of argument registers, as the System V ABI lays them out.
constexpr unsigned LIST_BYTES = 24;
constexpr unsigned LIST_STACK_ARGUMENTS = 8;
constexpr unsigned LIST_REGISTERS = 16;
constexpr unsigned REGISTERS_BYTES = 176;

// Blocks whose address a computed goto uses belong to the body from now on.
void move_blocks(Function &from, Function &to)
{
    SmallVector<std::pair<BasicBlock *, BlockAddress *>, 8> addressed;
    for (BasicBlock &block : from)
        if (block.hasAddressTaken())
            addressed.push_back({&block, BlockAddress::get(&from, &block)});
    to.getBasicBlockList().splice(to.begin(), from.getBasicBlockList());
    for (auto &each : addressed) {
        each.second->replaceAllUsesWith(BlockAddress::get(&to, each.first));
        each.second->destroyConstant();
    }
}

// What is said about the memory that the function uses is not true of a body that reads a va_list elsewhere.
void forget_memory(Function &function)
{
    for (Attribute::AttrKind kind :
         {Attribute::ReadNone, Attribute::ReadOnly, Attribute::WriteOnly, Attribute::ArgMemOnly,
          Attribute::InaccessibleMemOnly, Attribute::InaccessibleMemOrArgMemOnly})
        function.removeFnAttr(kind);
}

Function *make_body(Function &function)
{
    Type *pointer = Type::getInt8PtrTy(function.getContext());
    ArrayRef<Type *> fixed = function.getFunctionType()->params();
    SmallVector<Type *, 8> types(fixed.begin(), fixed.end());
    types.push_back(pointer);
    auto *type = FunctionType::get(function.getReturnType(), types, false);
    Function *body = Function::Create(type, GlobalValue::InternalLinkage,
                                      function.getName() + ".body", function.getParent());
    body->copyAttributesFrom(&function);
    body->setLinkage(GlobalValue::InternalLinkage);
    body->setVisibility(GlobalValue::DefaultVisibility);
    body->setDLLStorageClass(GlobalValue::DefaultStorageClass);
    body->setDSOLocal(true);
    body->removeFnAttr(Attribute::AlwaysInline);
    body->addFnAttr(Attribute::NoInline);
    body->setSubprogram(function.getSubprogram());
    function.setSubprogram(nullptr);
    move_blocks(function, *body);
    auto to = body->arg_begin();
    for (Argument &from : function.args()) {
        from.replaceAllUsesWith(&*to);
        to->takeName(&from);
        ++to;
    }
    return body;
}

void copy_list_at_starts(Function &body)
{
    SmallVector<IntrinsicInst *, 4> starts;
    for (Instruction &instruction : instructions(body))
        if (auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction))
            if (intrinsic->getIntrinsicID() == Intrinsic::vastart)
                starts.push_back(intrinsic);
    Value *list = body.getArg(body.arg_size() - 1);
    for (IntrinsicInst *start : starts) {
        IRBuilder<> builder(start);
        builder.CreateMemCpy(start->getArgOperand(0), Align(8), list, Align(8), LIST_BYTES);
        start->eraseFromParent();
    }
}

Value *side_bytes(IRBuilder<> &builder, unsigned bytes)
{
    AllocaInst *variable = builder.CreateAlloca(ArrayType::get(builder.getInt8Ty(), bytes));
    variable->setAlignment(Align(16));
    contig::take_address(builder, variable);
    return builder.CreateBitCast(variable, builder.getInt8PtrTy());
}

Value *at_offset(IRBuilder<> &builder, Value *address, unsigned offset)
{
    return builder.CreateConstInBoundsGEP1_32(builder.getInt8Ty(), address, offset);
}

// Reads a pointer of the va_list, and puts another there.
Value *exchange(IRBuilder<> &builder, Value *list, unsigned offset, Value *replacement)
{
    Value *field = builder.CreateBitCast(at_offset(builder, list, offset),
                                         builder.getInt8PtrTy()->getPointerTo());
    Value *before = builder.CreateLoad(builder.getInt8PtrTy(), field);
    builder.CreateStore(replacement, field);
    return before;
}

// The va_list of this call.  No address of the stack is in memory any more when the copying function is called; it
// copies no byte above the end of the stack.
Value *make_list(IRBuilder<> &builder, Module &module)
{
    Value *list = side_bytes(builder, LIST_BYTES);
    Value *room = side_bytes(builder, REGISTERS_BYTES + contig::VARIADIC_STACK_BYTES);
    builder.CreateCall(Intrinsic::getDeclaration(&module, Intrinsic::vastart), {list});
    Value *stack_room = at_offset(builder, room, REGISTERS_BYTES);
    Value *registers = exchange(builder, list, LIST_REGISTERS, room);
    Value *stack = exchange(builder, list, LIST_STACK_ARGUMENTS, stack_room);
    builder.CreateMemCpy(room, Align(16), registers, Align(16), REGISTERS_BYTES);
    Type *pointer = builder.getInt8PtrTy();
    FunctionCallee copy = module.getOrInsertFunction("contig_c_copy_arguments", builder.getVoidTy(),
                                                     pointer, pointer, builder.getInt64Ty());
    CallInst *call = builder.CreateCall(
        copy, {stack_room, stack, builder.getInt64(contig::VARIADIC_STACK_BYTES)});
    call->setDoesNotThrow();
    return list;
}

void make_shim(Function &function, Function *body)
{
    forget_memory(function);
    for (StringRef name : {"split-stack", "probe-stack"})
        function.removeFnAttr(name);
    function.removeFnAttr(Attribute::AlwaysInline);
    function.addFnAttr(Attribute::NoInline);
    IRBuilder<> builder(BasicBlock::Create(function.getContext(), "", &function));
    Value *list = make_list(builder, *function.getParent());
    SmallVector<Value *, 8> values;
    for (Argument &argument : function.args())
        values.push_back(&argument);
    values.push_back(list);
    CallInst *call = builder.CreateCall(body, values);
    call->setCallingConv(body->getCallingConv());
    call->setTailCallKind(CallInst::TCK_NoTail);
    AttributeList given = body->getAttributes();
    SmallVector<AttributeSet, 8> of_parameters;
    for (unsigned i = 0; i < body->arg_size(); i++)
        of_parameters.push_back(given.getParamAttrs(i));
    call->setAttributes(
        AttributeList::get(function.getContext(), {}, given.getRetAttrs(), of_parameters));
    if (function.getReturnType()->isVoidTy())
        builder.CreateRetVoid();
    else
        builder.CreateRet(call);
}

} // namespace

void contig::split_variadic(Module &module)
{
    SmallVector<Function *, 8> variadic;
    for (Function &function : module)
        if (function.isVarArg() && !function.isDeclaration())
            variadic.push_back(&function);
    for (Function *function : variadic) {
        Function *body = make_body(*function);
        forget_memory(*body);
        copy_list_at_starts(*body);
        make_shim(*function, body);
    }
}
