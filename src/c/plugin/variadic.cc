// variadic.cc: a variadic function becomes a shim and a body.  CFRAME-21.
//
// The code generator refuses a variadic function that checks the stack.  The shim keeps its name and has no check; it
// fits into the guard.  It copies the argument registers and the stack arguments to the side stack, makes a va_list
// that points to these copies, and calls the body.  The body has the check; its va_start copies that va_list.
//
//     side stack:  va_list (24 of 32 bytes) | argument registers (176) | stack arguments (VARIADIC_STACK_BYTES)
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "src/c/plugin/plugin.h"

using namespace llvm;

namespace
{

// va_list and the area of argument registers, as the System V ABI lays them out.
constexpr int LIST_BYTES = 24;
constexpr int LIST_OFFSETS = 0;
constexpr int LIST_STACK_ARGUMENTS = 8;
constexpr int LIST_REGISTERS = 16;
constexpr int REGISTERS_BYTES = 176;

// The side stack's pointer is a multiple of 16.
constexpr int LIST_BYTES_ROUNDED = 32;
constexpr int SIDE_BYTES =
    LIST_BYTES_ROUNDED + REGISTERS_BYTES + static_cast<int>(contig::VARIADIC_STACK_BYTES);

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

Value *at_offset(IRBuilder<> &builder, Value *address, int offset)
{
    return builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), address,
                                              static_cast<uint64_t>(offset));
}

Value *as_pointer_to(IRBuilder<> &builder, Value *address, Type *type)
{
    return builder.CreateBitCast(address, type->getPointerTo());
}

// By moves of 16 bytes: no call, and no string instruction, which would begin slowly.
void copy_registers(IRBuilder<> &builder, Value *to, Value *from)
{
    Type *type = FixedVectorType::get(builder.getInt64Ty(), 2);
    for (int offset = 0; offset < REGISTERS_BYTES; offset += 16) {
        Value *value = builder.CreateAlignedLoad(
            type, as_pointer_to(builder, at_offset(builder, from, offset), type), Align(16));
        builder.CreateAlignedStore(
            value, as_pointer_to(builder, at_offset(builder, to, offset), type), Align(16));
    }
}

// Copies the va_list of this call to `list`, with pointers to copies of what it points to.  The copying function copies
// no byte above the end of the stack.
void fill_list(IRBuilder<> &builder, Module &module, Value *list)
{
    Type *pointer = builder.getInt8PtrTy();
    AllocaInst *variable = builder.CreateAlloca(ArrayType::get(builder.getInt8Ty(), LIST_BYTES));
    variable->setAlignment(Align(16));
    Value *own = builder.CreateBitCast(variable, pointer);
    builder.CreateCall(Intrinsic::getDeclaration(&module, Intrinsic::vastart), {own});
    Value *registers = at_offset(builder, list, LIST_BYTES_ROUNDED);
    Value *stack = at_offset(builder, registers, REGISTERS_BYTES);
    auto load = [&](Type *type, int offset) {
        return builder.CreateLoad(type,
                                  as_pointer_to(builder, at_offset(builder, own, offset), type));
    };
    auto store = [&](Value *value, int offset) {
        builder.CreateStore(
            value, as_pointer_to(builder, at_offset(builder, list, offset), value->getType()));
    };
    // What va_start wrote is cleared again: no copy may come upon an address of the stack.
    auto take = [&](int offset) {
        Value *address = load(pointer, offset);
        Value *field = as_pointer_to(builder, at_offset(builder, own, offset), pointer);
        builder.CreateStore(Constant::getNullValue(pointer), field, true);
        return address;
    };
    Value *own_registers = take(LIST_REGISTERS);
    Value *own_stack = take(LIST_STACK_ARGUMENTS);
    store(load(builder.getInt64Ty(), LIST_OFFSETS), LIST_OFFSETS);
    store(stack, LIST_STACK_ARGUMENTS);
    store(registers, LIST_REGISTERS);
    copy_registers(builder, registers, own_registers);
    FunctionCallee copy = module.getOrInsertFunction("contig_c_copy_arguments", builder.getVoidTy(),
                                                     pointer, pointer, builder.getInt64Ty());
    builder.CreateCall(copy, {stack, own_stack, builder.getInt64(contig::VARIADIC_STACK_BYTES)})
        ->setDoesNotThrow();
}

CallInst *call_body(IRBuilder<> &builder, Function &function, Function *body, Value *list)
{
    SmallVector<Value *, 8> values;
    for (Argument &argument : function.args())
        values.push_back(&argument);
    values.push_back(list);
    CallInst *call = builder.CreateCall(body, values);
    call->setCallingConv(body->getCallingConv());
    call->setTailCallKind(CallInst::TCK_NoTail);
    call->setAttributes(contig::attributes_of_call(*body));
    return call;
}

// It takes its bytes of the side stack itself: what it keeps on the stack is no variable that safe-stack would move.
void make_shim(Function &function, Function *body)
{
    Module &module = *function.getParent();
    forget_memory(function);
    for (StringRef name : {"split-stack", "probe-stack"})
        function.removeFnAttr(name);
    function.removeFnAttr(Attribute::SafeStack);
    function.removeFnAttr(Attribute::AlwaysInline);
    function.addFnAttr(Attribute::NoInline);
    IRBuilder<> builder(BasicBlock::Create(function.getContext(), "", &function));
    GlobalVariable *pointer = contig::side_pointer(module);
    Value *before = builder.CreateLoad(builder.getInt8PtrTy(), pointer);
    Value *list = at_offset(builder, before, -SIDE_BYTES);
    builder.CreateStore(list, pointer);
    fill_list(builder, module, list);
    CallInst *call = call_body(builder, function, body, list);
    builder.CreateStore(before, pointer);
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
