; compose.lisp: what two routines do together.  The names of [let] in the contracts are the variables.
(in-package "X86ISA")

(defmacro same-memory (n a x y) `(equal (memory ,n ,a ,x) (memory ,n ,a ,y)))

; What a routine's premises say of its addresses: the fields that are read or written lie where they seem to, since no
; address wraps around.  N bytes at A are left alone by a routine that writes the ranges that are listed.
(defmacro fields (base &rest offsets)
  (if (atom offsets)
      t
    `(and (equal (signed64 (+ ,base ,(car offsets))) (+ ,(car offsets) ,base)) (fields ,base ,@(cdr offsets)))))
(defmacro below (base &rest offsets)
  (if (atom offsets)
      t
    `(and (equal (signed64 (- ,base ,(car offsets))) (+ ,(- (car offsets)) ,base)) (below ,base ,@(cdr offsets)))))
(defmacro left-alone (n a &rest ranges)
  (if (atom ranges)
      t
    `(and (separate :r ,n ,a :w ,(caar ranges) ,(cadar ranges)) (left-alone ,n ,a ,@(cdr ranges)))))
(defmacro defaddresses (name given pre facts)
  `(defthm ,name
     (implies ,given ,facts)
     :hints (("Goal" :do-not-induct t :in-theory (enable ,pre)))
     :rule-classes nil))

(defaddresses contig_execute-addresses (contig_execute-pre code sp m g guard_word x86) contig_execute-pre
  (and (equal (+ 0 sp) sp)
       (equal (+ 0 m) m)
       (equal (rgfi *rsp* x86) sp)
       (fields m 0 8 20 24 48)
       (below sp 48 40 32 24 16 8)
       (left-alone 8 sp (48 (+ -48 sp)) (8 guard_word) (8 m) (8 (+ 8 m)) (4 (+ 20 m)) (2 (+ 24 m)) (8 (+ 48 m)))))
(defaddresses contig_leave-addresses (contig_leave-pre code m g system guard_word x86) contig_leave-pre
  (and (equal (+ 0 m) m)
       (equal system (signed64 (memory 8 (signed64 (+ m 0)) x86)))
       (fields m 0 16 20 24 48)
       (fields g 72 76)
       (fields system 8 16 24 32 40 48 56)
       (left-alone 8 (+ 16 g) (4 (+ 72 g)) (2 (+ 76 g)) (8 guard_word))
       (left-alone 8 (+ 24 g) (4 (+ 72 g)) (2 (+ 76 g)) (8 guard_word))
       (left-alone 8 (+ 32 g) (4 (+ 72 g)) (2 (+ 76 g)) (8 guard_word))
       (left-alone 8 (+ 40 g) (4 (+ 72 g)) (2 (+ 76 g)) (8 guard_word))))
(defaddresses contig_mcall-addresses (contig_mcall-pre code sp variable m g guard_word x86) contig_mcall-pre
  (and (fields m 16)
       (fields g 16 24 32 40)
       (fields sp 8)))
(defaddresses contig_morestack-addresses
  (and (contig_morestack-pre code sp variable m g aligned guard_word x86) (not (equal g 0))) contig_morestack-pre
  (and (fields m 16)
       (fields g 16 24 32 40)
       (left-alone 8 sp (4 (+ 72 g)) (2 (+ 76 g)) (8 guard_word))))

; (defcompose NAME OUTCOMES GIVEN CONCLUSION): CONCLUSION follows from GIVEN and from what the routines do.  An outcome
; is (THEOREM ROUTINE START END BINDINGS RANGES): the routine runs from START to END, with BINDINGS for the names of its
; contract; each range (K A), K bytes at A, is kept.  NAME-of-ends speaks of any END that is as the theorems say.
(defun range-instances (name start end bindings ranges)
  (declare (xargs :mode :program))
  (if (atom ranges)
      nil
    (cons `(:instance ,name ,@(and end `((y ,end))) (x86 ,start) (k ,(caar ranges)) (a ,(cadar ranges)) ,@bindings)
          (range-instances name start end bindings (cdr ranges)))))
(defun outcome-steps (use)
  (declare (xargs :mode :program))
  (b* (((list ?name routine start ?end bindings ?ranges) use))
    `(,(mk-name routine "-STEPS") ,@(acl2::strip-cadrs bindings) ,start)))
(defun end-terms (name start end bindings ranges)
  (declare (xargs :mode :program))
  (if (atom ranges)
      nil
    (cons `(,(mk-name name "-END") ,end ,@(acl2::strip-cadrs bindings) ,@(car ranges) ,start)
          (end-terms name start end bindings (cdr ranges)))))
(defun ends-of (uses)
  (declare (xargs :mode :program))
  (if (atom uses)
      nil
    (b* (((list name ?routine start end bindings ranges) (car uses)))
      (append (end-terms name start end bindings ranges) (ends-of (cdr uses))))))
(defun runs-of (uses)
  (declare (xargs :mode :program))
  (if (atom uses)
      nil
    (b* (((list ?name ?routine start end ?bindings ?ranges) (car uses)))
      (cons `(equal ,end (cpu-steps ,(outcome-steps (car uses)) ,start)) (runs-of (cdr uses))))))
(defun words-of (uses)
  (declare (xargs :mode :program))
  (if (atom uses)
      nil
    (b* (((list name routine start end bindings ranges) (car uses)))
      `((:instance ,(mk-name routine "-ADDRESSES") (x86 ,start) ,@bindings)
        ,@(range-instances (mk-name name "-SAYS") start end bindings (list (car ranges)))
        ,@(range-instances (mk-name name "-KEEPS") start end bindings ranges)
        ,@(words-of (cdr uses))))))
(defun theorems-of (uses)
  (declare (xargs :mode :program))
  (if (atom uses)
      nil
    (b* (((list name ?routine start ?end bindings ranges) (car uses)))
      `(,@(range-instances name start nil bindings ranges)
        ,@(range-instances (mk-name name "-UNTIL-ENDS") start start
                           `((n ,(outcome-steps (car uses))) ,@bindings) ranges)
        ,@(theorems-of (cdr uses))))))
(defmacro defcompose (name uses given conclusion)
  (let ((lemma (mk-name name "-OF-ENDS")))
    `(progn
       (defthm ,lemma
         (implies (and ,@given ,@(ends-of uses)) ,conclusion)
         :hints (("Goal" :do-not-induct t
                  :use ,(words-of uses)
                  :in-theory (union-theories (theory 'minimal-theory)
                               '(acl2::fold-consts-in-+ commutativity-of-+ acl2::commutativity-2-of-+ associativity-of-+
                                 (binary-+)))))
         :rule-classes nil)
       (defthm ,name
         (implies (and ,@(runs-of uses) ,@given) ,conclusion)
         :hints (("Goal" :do-not-induct t :use (,lemma ,@(theorems-of uses)) :in-theory (theory 'minimal-theory)))
         :rule-classes nil))))

; XCAP's sentence (Ni and Shao 2007): a switch is a call of the saved continuation.  x0 is at contig_execute, x1 at the
; goroutine.  x2 is any later state at contig_leave with the same m, whatever ran in between, for whatever goroutine, in
; which the words that contig_execute saved are as it left them.  Then contig_leave is the return of that call.
(defcompose execute-then-leave
  ((contig_execute-continues contig_execute x0 x1
    ((code code) (sp sp) (m m) (g g) (guard_word guard_word)) ((8 sp)))
   (contig_leave-returns contig_leave x2 x3
    ((code code2) (m m) (g g2) (system system) (guard_word guard_word2)) ((0 0))))
  ((contig_execute-pre code sp m g guard_word x0)
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
       (equal (mxcsr x3) (mxcsr x0))
       (equal (fp-ctrl x3) (fp-ctrl x0))
       (equal (signed64 (memory 8 guard_word2 x3)) (signed64 (memory 8 guard_word x0)))))

; A goroutine's call into the runtime, up to the return of contig_execute: the goroutine is saved as if its call had
; returned, and the scheduler gets the request.
(defcompose mcall-then-leave
  ((contig_mcall-saved contig_mcall x0 x1
    ((code code) (sp sp) (variable variable) (m m) (g g) (guard_word guard_word)) ((0 0)))
   (contig_leave-returns contig_leave x1 x2
    ((code code2) (m m) (g g) (system system) (guard_word guard_word))
    ((8 (+ 16 g)) (8 (+ 24 g)) (8 (+ 32 g)) (8 (+ 40 g)))))
  ((contig_mcall-pre code sp variable m g guard_word x0)
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
       (equal (memory 2 (+ 76 g) x2) (fp-ctrl x0))))

; A prologue that found too little stack, up to the return of contig_execute: the goroutine is a frame without locals,
; at the return address into the prologue, with the caller's frame pointer in the place of that address.
(defcompose morestack-then-leave
  ((contig_morestack-suspended contig_morestack x0 x1
    ((code code) (sp sp) (variable variable) (m m) (g g) (aligned aligned) (guard_word guard_word)) ((0 0)))
   (contig_leave-returns contig_leave x1 x2
    ((code code2) (m m) (g g) (system system) (guard_word guard_word))
    ((8 (+ 16 g)) (8 (+ 24 g)) (8 (+ 32 g)) (8 (+ 40 g)) (8 sp))))
  ((contig_morestack-pre code sp variable m g aligned guard_word x0)
   (not (equal g 0))
   (contig_leave-pre code2 m g system guard_word x1))
  (and (running x2)
       (equal (rip x2) (signed64 (memory 8 (+ 48 system) x1)))
       (equal (rgfi *rsp* x2) (+ 56 system))
       (equal (rgfi *rax* x2) 1)
       (equal (signed64 (memory 8 (+ 24 g) x2)) (signed64 (memory 8 sp x0)))
       (equal (signed64 (memory 8 (+ 16 g) x2)) sp)
       (equal (signed64 (memory 8 (+ 32 g) x2)) sp)
       (equal (signed64 (memory 8 (+ 40 g) x2)) (rgfi *rdx* x0))
       (equal (signed64 (memory 8 sp x2)) (rgfi *rbp* x0))))
