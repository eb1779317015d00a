// plugin.cc: where clang 14 calls the parts (-fpass-plugin=contig_plugin.so).
//
// Code is refused at the start of the pipeline and made fit at its end, right before code generation, at every level
// of optimization: no pass of the optimizer comes after.
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Passes/PassPlugin.h>

#include "src/c/plugin/plugin.h"

namespace
{

struct RefusePass : llvm::PassInfoMixin<RefusePass> {
    llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &)
    {
        contig::refuse_unfit(module);
        return llvm::PreservedAnalyses::all();
    }

    static bool isRequired()
    {
        return true;
    }
};

struct FitPass : llvm::PassInfoMixin<FitPass> {
    llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &)
    {
        contig::refuse_options(module);
        contig::split_fast_paths(module);
        contig::escape_locals(module);
        contig::split_variadic(module);
        contig::name_callees(module);
        return llvm::PreservedAnalyses::none();
    }

    static bool isRequired()
    {
        return true;
    }
};

void register_passes(llvm::PassBuilder &builder)
{
    builder.registerPipelineStartEPCallback(
        [](llvm::ModulePassManager &manager, llvm::OptimizationLevel) {
            manager.addPass(RefusePass());
        });
    builder.registerOptimizerLastEPCallback(
        [](llvm::ModulePassManager &manager, llvm::OptimizationLevel) {
            manager.addPass(FitPass());
        });
}

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo()
{
    return {LLVM_PLUGIN_API_VERSION, "contig", "1", register_passes};
}
