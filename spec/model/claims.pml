/* claims.pml: how the models of this folder state what must hold.
 *
 * A claim has a name, which pan prints when it fails.  The name is a variable that is always 0 and no part of a state.
 */
#define CLAIM(name, condition) assert((condition) || name)
