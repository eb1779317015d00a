/* plugin.h: the parts of the clang plugin that makes ordinary C fit for goroutine stacks.
 *
 * A goroutine's stack moves, so no address of it may be kept over a call.  Each part does its share of that before
 * code is generated, or refuses a function with its place.  Called by plugin.cc. */
#ifndef CONTIG_C_PLUGIN_PLUGIN_H
#define CONTIG_C_PLUGIN_PLUGIN_H

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Module.h>

namespace contig
{

// Stack arguments of a call that the shim of a variadic function copies; CFRAME-21.
constexpr unsigned VARIADIC_STACK_BYTES = 512;

// One error at a place of the source: "FILE:LINE:COLUMN: error: function NAME: REASON; WHAT TO DO".
void refuse(const llvm::Function &function, const llvm::DebugLoc &place, const llvm::Twine &reason);

// What stands before the name of an external variadic function where a call passes no argument on the stack, so that
// contig-cc gives that call a stub that copies none.
constexpr char IN_REGISTERS[] = "contig_c_registers_";

// The bytes of a call's arguments that are on the stack.
unsigned stack_argument_bytes(const llvm::CallBase &call, const llvm::DataLayout &layout);

// Are all arguments of a function in registers, and its result, too?
bool arguments_in_registers(const llvm::Function &function);

// Of a call of this function that passes all of its arguments as they are declared.
llvm::AttributeList attributes_of_call(const llvm::Function &callee);

// Names the callee of such calls IN_REGISTERS and its name.
void name_callees(llvm::Module &module);

// Refuses what cannot run on a stack that moves.  First of all, while the code is still as it was written.
void refuse_unfit(llvm::Module &module);

// Refuses what only shows at the end: options that the code generator reads.
void refuse_options(llvm::Module &module);

// Splits each function that often calls nothing into its fast paths, which have no check, and the whole function.
void split_fast_paths(llvm::Module &module);

// Where safe-stack keeps the pointer of the side stack.  The program itself defines it, so that an instruction can name
// its place; safe-stack, left alone, would load that from a table and keep it in a register.
llvm::GlobalVariable *side_pointer(llvm::Module &module);

// An empty statement that takes the address, so that safe-stack gives the variable a place on the side stack.
void take_address(llvm::IRBuilder<> &builder, llvm::Value *address);

// Sends each variable to the side stack whose address is used otherwise than by loads and stores at constant offsets.
void escape_locals(llvm::Module &module);

// Splits each variadic function into a shim, which has no check, and a body, which has one.
void split_variadic(llvm::Module &module);

} // namespace contig

#endif
