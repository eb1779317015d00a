// fast_path.cc: the ways through a function on which nothing is called need no check of the stack.  CFRAME-32.
//
// The code generator checks the stack, saves registers and takes bytes of the side stack at a function's entry, also
// for a call that needs none of it.  So a function that often returns before it calls anything is split:
//
//     NAME        its fast paths, without a check; where one ends, it jumps to NAME.slow with the same arguments
//     NAME.slow   the whole function, from its start, but for the branches that have been decided
//
// A path that may end so has written nothing before: NAME.slow finds all as it was.  A function that calls nothing on
// any way, and is as small, is not split: it loses its check.
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/BlockFrequencyInfo.h>
#include <llvm/Analysis/BranchProbabilityInfo.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include "src/c/plugin/plugin.h"

using namespace llvm;

namespace
{

// Instructions of a function without a check.  A word of the stack for the result of each, and six saved registers,
// are fewer bytes than a checked caller leaves (CFRAME-19).
constexpr size_t MOST_INSTRUCTIONS = 72;

// A function is split if the optimizer's estimate is that at least one call of so many takes a fast path.
constexpr uint64_t ONE_CALL_OF = 3;

bool fits_a_register(const Type *type)
{
    return type->isPointerTy() || type->isFloatTy() || type->isDoubleTy() ||
           (type->isIntegerTy() && type->getIntegerBitWidth() <= 64);
}

bool of_a_local(const Value *value)
{
    return isa<AllocaInst>(value->stripInBoundsConstantOffsets());
}

bool light_intrinsic(const Instruction &instruction)
{
    const auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction);
    switch (intrinsic == nullptr ? Intrinsic::not_intrinsic : intrinsic->getIntrinsicID()) {
    case Intrinsic::abs:
    case Intrinsic::bswap:
    case Intrinsic::fabs:
    case Intrinsic::fshl:
    case Intrinsic::fshr:
    case Intrinsic::smax:
    case Intrinsic::smin:
    case Intrinsic::umax:
    case Intrinsic::umin: return true;
    default: return false;
    }
}

bool light_operation(const Instruction &instruction)
{
    if (const auto *load = dyn_cast<LoadInst>(&instruction))
        return load->isSimple();
    if (const auto *store = dyn_cast<StoreInst>(&instruction))
        return store->isSimple();
    if (isa<BinaryOperator>(instruction))
        return instruction.getOpcode() != Instruction::FRem;
    return isa<GetElementPtrInst>(instruction) || isa<CastInst>(instruction) ||
           isa<CmpInst>(instruction) || isa<SelectInst>(instruction) || isa<PHINode>(instruction) ||
           isa<BranchInst>(instruction) || isa<SwitchInst>(instruction) ||
           isa<ReturnInst>(instruction) || light_intrinsic(instruction);
}

// What is said about a local variable, and its address for that, but no use of it.
bool about_a_local(const Instruction &instruction)
{
    if (isa<AllocaInst>(instruction) || isa<DbgInfoIntrinsic>(instruction) ||
        instruction.isLifetimeStartOrEnd())
        return true;
    return (isa<BitCastInst>(instruction) || isa<GetElementPtrInst>(instruction)) &&
           of_a_local(&instruction);
}

// A use of a local variable that is a register's where it is the only kind of use.
bool as_a_register(const Instruction &instruction)
{
    const auto *load = dyn_cast<LoadInst>(&instruction);
    const auto *store = dyn_cast<StoreInst>(&instruction);
    if (load == nullptr && store == nullptr)
        return false;
    const auto *variable = dyn_cast<AllocaInst>(load != nullptr ? load->getPointerOperand()
                                                                : store->getPointerOperand());
    const Type *type = load != nullptr ? load->getType() : store->getValueOperand()->getType();
    return variable != nullptr && !variable->isArrayAllocation() &&
           variable->getAllocatedType() == type && fits_a_register(type) &&
           (load != nullptr ? load->isSimple()
                            : store->isSimple() && !of_a_local(store->getValueOperand()));
}

// Is this code in line, without a call, and without a variable that lies on the stack?
bool light(const Instruction &instruction)
{
    if (about_a_local(instruction) || as_a_register(instruction))
        return true;
    for (const Value *operand : instruction.operand_values())
        if (!isa<BasicBlock>(operand) && !isa<Function>(operand) &&
            (!fits_a_register(operand->getType()) || of_a_local(operand)))
            return false;
    return light_operation(instruction) &&
           (instruction.getType()->isVoidTy() || fits_a_register(instruction.getType()));
}

bool light(const BasicBlock &block)
{
    return all_of(block, [](const Instruction &instruction) { return light(instruction); });
}

bool writes(const BasicBlock &block)
{
    return any_of(block, [](const Instruction &instruction) {
        return isa<StoreInst>(instruction) && !as_a_register(instruction);
    });
}

size_t size_of(const BasicBlock &block)
{
    return static_cast<size_t>(count_if(
        block, [](const Instruction &instruction) { return !about_a_local(instruction); }));
}

// Blocks of fast paths, each with whether a path through it may leave for the slow function.
using FastBlocks = DenseMap<const BasicBlock *, bool>;

void add_if_fast(FastBlocks &fast, const BasicBlock *block)
{
    bool ends = isa<ReturnInst>(block->getTerminator());
    bool leaves = false;
    for (const BasicBlock *next : successors(block)) {
        auto found = fast.find(next);
        ends |= found != fast.end();
        leaves |= found == fast.end() || found->second;
    }
    if (ends && light(*block) && !(leaves && writes(*block)))
        fast[block] = leaves;
}

// The fast paths through the blocks that are not left out.  A block that leads back to one before it leaves them.
FastBlocks fast_blocks(const Function &function,
                       const SmallPtrSetImpl<const BasicBlock *> &left_out)
{
    FastBlocks all, reached;
    for (const BasicBlock *block : post_order(&function.getEntryBlock()))
        if (left_out.count(block) == 0)
            add_if_fast(all, block);
    ReversePostOrderTraversal<const Function *> order(&function);
    for (const BasicBlock *block : order) {
        bool wanted = block == &function.getEntryBlock() ||
                      any_of(predecessors(block),
                             [&](const BasicBlock *before) { return reached.count(before) != 0; });
        if (wanted && all.count(block) != 0)
            reached[block] = all[block];
    }
    return reached;
}

size_t size_of(const FastBlocks &fast)
{
    size_t size = 0;
    for (const auto &each : fast)
        size += size_of(*each.first);
    return size;
}

// What the optimizer estimates.
struct Estimate {
    explicit Estimate(Function &function)
        : tree(function), loops(tree), branches(function, loops),
          frequencies(function, branches, loops)
    {
    }

    DominatorTree tree;
    LoopInfo loops;
    BranchProbabilityInfo branches;
    BlockFrequencyInfo frequencies;
};

const BasicBlock *rarest(const Function &function, const FastBlocks &fast, const Estimate &estimate)
{
    const BasicBlock *found = nullptr;
    for (const BasicBlock &block : function)
        if (fast.count(&block) != 0 && &block != &function.getEntryBlock() &&
            (found == nullptr ||
             estimate.frequencies.getBlockFreq(&block) < estimate.frequencies.getBlockFreq(found)))
            found = &block;
    return found;
}

// Fast paths that are small together: the rarest blocks are left to the slow function.
FastBlocks small_fast_blocks(const Function &function, const Estimate &estimate)
{
    SmallPtrSet<const BasicBlock *, 16> left_out;
    FastBlocks fast = fast_blocks(function, left_out);
    while (size_of(fast) > MOST_INSTRUCTIONS) {
        const BasicBlock *block = rarest(function, fast, estimate);
        left_out.insert(block == nullptr ? &function.getEntryBlock() : block);
        fast = fast_blocks(function, left_out);
    }
    return fast;
}

bool often_fast(const FastBlocks &fast, const Estimate &estimate)
{
    uint64_t entries = estimate.frequencies.getEntryFreq();
    uint64_t leaving = 0;
    for (const auto &each : fast)
        for (const BasicBlock *next : successors(each.first))
            if (fast.count(next) == 0)
                leaving += (estimate.frequencies.getBlockFreq(each.first) *
                            estimate.branches.getEdgeProbability(each.first, next))
                               .getFrequency();
    return leaving <= entries - entries / ONE_CALL_OF;
}

bool may_split(const Function &function)
{
    return !function.isDeclaration() && !function.hasAvailableExternallyLinkage() &&
           !function.isVarArg() && function.hasFnAttribute("split-stack") &&
           !function.hasOptNone() && !function.hasFnAttribute(Attribute::Naked) &&
           function.getFnAttribute("disable-tail-calls").getValueAsString() != "true" &&
           !function.callsFunctionThatReturnsTwice() && contig::arguments_in_registers(function) &&
           none_of(function, [](const BasicBlock &block) { return block.hasAddressTaken(); });
}

// Where each path that leaves goes on behind a fast block; null: to more than one place.
const BasicBlock *way_out(const FastBlocks &fast, const BasicBlock *block)
{
    const BasicBlock *only = nullptr;
    for (const BasicBlock *next : successors(block)) {
        auto found = fast.find(next);
        if (found != fast.end() && !found->second)
            continue;
        if (only != nullptr && only != next)
            return nullptr;
        only = next;
    }
    return only;
}

// Blocks that every call comes to by fast blocks alone, and only once.
SmallPtrSet<const BasicBlock *, 16> prelude(const Function &function, const FastBlocks &fast)
{
    SmallPtrSet<const BasicBlock *, 16> found;
    ReversePostOrderTraversal<const Function *> order(&function);
    for (const BasicBlock *block : order)
        if (fast.count(block) != 0 && all_of(predecessors(block), [&](const BasicBlock *before) {
                return found.count(before) != 0;
            }))
            found.insert(block);
    return found;
}

void go_on_at(BasicBlock *block, BasicBlock *next)
{
    Instruction *end = block->getTerminator();
    Value *condition = isa<BranchInst>(end) ? cast<BranchInst>(end)->getCondition()
                                            : cast<SwitchInst>(end)->getCondition();
    bool kept = false;
    for (BasicBlock *successor : successors(block)) {
        if (successor != next || kept)
            successor->removePredecessor(block);
        kept |= successor == next;
    }
    BranchInst::Create(next, end);
    end->eraseFromParent();
    RecursivelyDeleteTriviallyDeadInstructions(condition);
}

// The slow function does not ask again what the path that left has decided.
void follow_the_ways_out(const Function &function, const FastBlocks &fast,
                         ValueToValueMapTy &values)
{
    SmallPtrSet<const BasicBlock *, 16> decided = prelude(function, fast);
    for (const BasicBlock &block : function) {
        const BasicBlock *next = decided.count(&block) != 0 ? way_out(fast, &block) : nullptr;
        if (next != nullptr && block.getTerminator()->getNumSuccessors() > 1)
            go_on_at(cast<BasicBlock>(values[&block]), cast<BasicBlock>(values[next]));
    }
}

Function *make_slow(Function &function, const FastBlocks &fast)
{
    ValueToValueMapTy values;
    Function *slow = CloneFunction(&function, values);
    slow->setName(function.getName() + ".slow");
    slow->setLinkage(GlobalValue::InternalLinkage);
    slow->setVisibility(GlobalValue::DefaultVisibility);
    slow->setComdat(nullptr);
    slow->setDSOLocal(true);
    slow->removeFnAttr(Attribute::AlwaysInline);
    slow->removeFnAttr(Attribute::InlineHint);
    slow->addFnAttr(Attribute::NoInline);
    follow_the_ways_out(function, fast, values);
    removeUnreachableBlocks(*slow);
    return slow;
}

BasicBlock *jump_to(Function &function, Function *slow)
{
    IRBuilder<> builder(BasicBlock::Create(function.getContext(), "", &function));
    SmallVector<Value *, 8> values;
    for (Argument &argument : function.args())
        values.push_back(&argument);
    if (DISubprogram *place = function.getSubprogram())
        builder.SetCurrentDebugLocation(
            DILocation::get(function.getContext(), place->getScopeLine(), 0, place));
    CallInst *call = builder.CreateCall(slow, values);
    call->setCallingConv(function.getCallingConv());
    call->setTailCallKind(CallInst::TCK_MustTail);
    call->setAttributes(contig::attributes_of_call(*slow));
    if (function.getReturnType()->isVoidTy())
        builder.CreateRetVoid();
    else
        builder.CreateRet(call);
    return builder.GetInsertBlock();
}

// Local variables of the fast paths become registers; nothing else uses any.
void erase_locals(Function &function)
{
    SmallVector<AllocaInst *, 8> variables;
    SmallVector<Instruction *, 16> useless;
    for (Instruction &instruction : instructions(function))
        if (!isa<DbgInfoIntrinsic>(instruction) && about_a_local(instruction) &&
            !isa<AllocaInst>(instruction))
            useless.push_back(&instruction);
    for (Instruction *instruction : reverse(useless)) {
        instruction->replaceAllUsesWith(UndefValue::get(instruction->getType()));
        instruction->eraseFromParent();
    }
    for (Instruction &instruction : instructions(function))
        if (auto *variable = dyn_cast<AllocaInst>(&instruction))
            variables.push_back(variable);
    DominatorTree tree(function);
    PromoteMemToReg(variables, tree);
}

void keep_fast(Function &function, const FastBlocks &fast, BasicBlock *slow)
{
    for (BasicBlock &block : function)
        if (fast.count(&block) != 0)
            for (unsigned i = 0; i < block.getTerminator()->getNumSuccessors(); i++) {
                BasicBlock *next = block.getTerminator()->getSuccessor(i);
                if (next == slow || fast.count(next) != 0)
                    continue;
                next->removePredecessor(&block);
                block.getTerminator()->setSuccessor(i, slow);
            }
    removeUnreachableBlocks(function);
    erase_locals(function);
}

void drop_check(Function &function)
{
    function.removeFnAttr("split-stack");
}

size_t size_of(const Function &function)
{
    size_t size = 0;
    for (const BasicBlock &block : function)
        size += size_of(block);
    return size;
}

void split(Function &function)
{
    if (all_of(function, [](const BasicBlock &block) { return light(block); })) {
        if (size_of(function) <= MOST_INSTRUCTIONS)
            drop_check(function);
        return;
    }
    Estimate estimate(function);
    FastBlocks fast = small_fast_blocks(function, estimate);
    if (fast.empty() || !often_fast(fast, estimate))
        return;
    Function *slow = make_slow(function, fast);
    keep_fast(function, fast, jump_to(function, slow));
    drop_check(function);
    // A branch itself leads to the slow function, and not to a jump there; without, fib takes 12 % longer.
    function.addFnAttr(Attribute::OptimizeForSize);
    function.setAlignment(Align(16));
}

} // namespace

void contig::split_fast_paths(Module &module)
{
    SmallVector<Function *, 64> functions;
    for (Function &function : module)
        if (may_split(function))
            functions.push_back(&function);
    for (Function *function : functions)
        split(*function);
}
