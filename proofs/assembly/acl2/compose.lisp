; compose.lisp: what two routines do together.  The names of [let] in the contracts are the variables.
(in-package "X86ISA")

(defmacro same-memory (n a x y) `(equal (memory ,n ,a ,x) (memory ,n ,a ,y)))

; (defcompose NAME OUTCOMES FORMULA): FORMULA follows from what the routines do.  An outcome is (THEOREM ROUTINE STATE
; BINDINGS K A): the routine runs from STATE, with BINDINGS for the names of its contract, and K bytes at A are kept.
(defun outcomes (uses)
  (declare (xargs :mode :program))
  (if (atom uses)
      nil
    (b* (((list name routine state bindings k a) (car uses))
         (steps `(,(mk-name routine "-STEPS") ,@(strip-cadrs bindings) ,state)))
      (list* `(:instance ,name (x86 ,state) (k ,k) (a ,a) ,@bindings)
             `(:instance ,(mk-name name "-UNTIL-ENDS") (n ,steps) (x86 ,state) (y ,state) (k ,k) (a ,a) ,@bindings)
             (outcomes (cdr uses))))))
(defmacro defcompose (name uses formula)
  `(defthmd ,name
     ,formula
     :hints (("Goal" :do-not-induct t
              :use ,(outcomes uses)
              :in-theory (enable contig_execute-pre contig_leave-pre contig_mcall-pre contig_morestack-pre)))))

; XCAP's sentence (Ni and Shao 2007): a switch is a call of the saved continuation.  x0 is at contig_execute, x1 at the
; goroutine.  x2 is any later state at contig_leave with the same m, whatever ran in between, for whatever goroutine, in
; which the words that contig_execute saved are as it left them.  Then contig_leave is the return of that call.
(defcompose execute-then-leave
  ((contig_execute-continues contig_execute x0 ((code code) (sp sp) (m m) (g g) (guard_word guard_word)) 8 sp)
   (contig_leave-returns contig_leave x2 ((code code2) (m m) (g g2) (system system) (guard_word guard_word2)) 0 0))
  (let ((x1 (cpu-steps (contig_execute-steps code sp m g guard_word x0) x0))
        (x3 (cpu-steps (contig_leave-steps code2 m g2 system guard_word2 x2) x2)))
    (implies (and (contig_execute-pre code sp m g guard_word x0)
                  (contig_leave-pre code2 m g2 system guard_word2 x2)
                  (same-memory 8 m x1 x2)
                  (same-memory 4 (+ 20 m) x1 x2)
                  (same-memory 2 (+ 24 m) x1 x2)
                  (same-memory 8 (+ 48 m) x1 x2)
                  (same-memory 8 (+ -48 sp) x1 x2)
                  (same-memory 8 (+ -40 sp) x1 x2)
                  (same-memory 8 (+ -32 sp) x1 x2)
                  (same-memory 8 (+ -24 sp) x1 x2)
                  (same-memory 8 (+ -16 sp) x1 x2)
                  (same-memory 8 (+ -8 sp) x1 x2)
                  (same-memory 8 sp x1 x2))
             (and (running x3)
                  (equal (rip x3) (signed64 (memory 8 sp x0)))
                  (equal (rgfi *rsp* x3) (+ 8 sp))
                  (equal (rgfi *rbx* x3) (rgfi *rbx* x0))
                  (equal (rgfi *rbp* x3) (rgfi *rbp* x0))
                  (equal (rgfi *r12* x3) (rgfi *r12* x0))
                  (equal (rgfi *r13* x3) (rgfi *r13* x0))
                  (equal (rgfi *r14* x3) (rgfi *r14* x0))
                  (equal (rgfi *r15* x3) (rgfi *r15* x0))
                  (equal (rgfi *rax* x3) (memory 4 (+ 16 m) x2))
                  (equal (rflagsbits->df (rflags x3)) (rflagsbits->df (rflags x2)))
                  (equal (logand #xffc0 (mxcsr x3)) (logand #xffc0 (mxcsr x0)))
                  (equal (fp-ctrl x3) (fp-ctrl x0))
                  (equal (signed64 (memory 8 guard_word2 x3)) (signed64 (memory 8 guard_word x0)))))))

; A goroutine's call into the runtime, up to the return of contig_execute: the goroutine is saved as if its call had
; returned, and the scheduler gets the request.
(defcompose mcall-then-leave
  ((contig_mcall-saved contig_mcall x0
    ((code code) (sp sp) (variable variable) (m m) (g g) (guard_word guard_word)) 0 0)
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 24 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 16 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 32 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 40 g)))
  (let ((x2 (cpu-steps (contig_leave-steps code2 m g system guard_word x1) x1)))
    (implies (and (contig_mcall-pre code sp variable m g guard_word x0)
                  (equal x1 (cpu-steps (contig_mcall-steps code sp variable m g guard_word x0) x0))
                  (contig_leave-pre code2 m g system guard_word x1))
             (and (running x2)
                  (equal (rip x2) (signed64 (memory 8 (+ 48 system) x1)))
                  (equal (rgfi *rsp* x2) (+ 56 system))
                  (equal (rgfi *rax* x2) (loghead 32 (rgfi *rax* x0)))
                  (equal (signed64 (memory 8 (+ 24 g) x2)) (signed64 (memory 8 sp x0)))
                  (equal (signed64 (memory 8 (+ 16 g) x2)) (+ 8 sp))
                  (equal (signed64 (memory 8 (+ 32 g) x2)) (rgfi *rbp* x0))
                  (equal (signed64 (memory 8 (+ 40 g) x2)) 0)
                  (equal (memory 4 (+ 72 g) x2) (mxcsr x0))
                  (equal (memory 2 (+ 76 g) x2) (fp-ctrl x0))))))

; A prologue that found too little stack, up to the return of contig_execute: the goroutine is a frame without locals,
; at the return address into the prologue, with the caller's frame pointer in the place of that address.
(defcompose morestack-then-leave
  ((contig_morestack-suspended contig_morestack x0
    ((code code) (sp sp) (variable variable) (m m) (g g) (aligned aligned) (guard_word guard_word)) 0 0)
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 24 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 16 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 32 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 (+ 40 g))
   (contig_leave-returns contig_leave x1 ((code code2) (m m) (g g) (system system) (guard_word guard_word)) 8 sp))
  (let ((x2 (cpu-steps (contig_leave-steps code2 m g system guard_word x1) x1)))
    (implies (and (contig_morestack-pre code sp variable m g aligned guard_word x0)
                  (not (equal g 0))
                  (equal x1 (cpu-steps (contig_morestack-steps code sp variable m g aligned guard_word x0) x0))
                  (contig_leave-pre code2 m g system guard_word x1))
             (and (running x2)
                  (equal (rip x2) (signed64 (memory 8 (+ 48 system) x1)))
                  (equal (rgfi *rsp* x2) (+ 56 system))
                  (equal (rgfi *rax* x2) 1)
                  (equal (signed64 (memory 8 (+ 24 g) x2)) (signed64 (memory 8 sp x0)))
                  (equal (signed64 (memory 8 (+ 16 g) x2)) sp)
                  (equal (signed64 (memory 8 (+ 32 g) x2)) sp)
                  (equal (signed64 (memory 8 (+ 40 g) x2)) (rgfi *rdx* x0))
                  (equal (signed64 (memory 8 sp x2)) (rgfi *rbp* x0))))))
