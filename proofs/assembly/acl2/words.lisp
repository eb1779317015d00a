; words.lisp: the words in which the theorems are stated.
(in-package "X86ISA")

; Memory, and words of 64 bits with and without a sign.
(defmacro memory (n a x) `(mv-nth 1 (rb ,n ,a :r ,x)))
(defmacro signed64 (v) `(logext 64 ,v))
(defmacro unsigned64 (v) `(loghead 64 ,v))

; Base address of %fs.
(defmacro tls (x) `(msri *ia32_fs_base-idx* ,x))

; Two ranges are apart for a read, a write and a fetch alike: `separate` ignores the kinds, its rules do not.
(defmacro apart (n a m b)
  `(and (separate :r ,n ,a :w ,m ,b) (separate :r ,m ,b :w ,n ,a)
        (separate :w ,n ,a :w ,m ,b) (separate :w ,m ,b :w ,n ,a)))
(defmacro code-apart (text m b) `(separate :x ,(list 'len text) code :w ,m ,b))

; The processor runs, in 64-bit mode, as a process of Linux has it: contracts/README.md, "assumes beside".
(defmacro running (x)
  `(and (x86p ,x) (equal (ms ,x) nil) (equal (fault ,x) nil) (64-bit-modep ,x) (equal (app-view ,x) t)
        (not (alignment-checking-enabled-p ,x))
        (equal (feature-flag :sse) 1)
        (equal (cr0Bits->ts (loghead 32 (ctri *cr0* ,x))) 0)
        (equal (cr0Bits->em (loghead 32 (ctri *cr0* ,x))) 0)
        (equal (cr4Bits->osfxsr (loghead 22 (ctri *cr4* ,x))) 1)
        (thread-base-p (tls ,x))
        (unsigned-byte-p 16 (mxcsr ,x))
        (x87-word-p (fp-ctrl ,x))))

; The bytes `text` are loaded at `code`, and the next instruction is the one at `offset` of them.
(defmacro code-at (text offset x)
  `(and (program-at code ,text ,x) (canonical-address-p code) (canonical-address-p (+ (len ,text) code))
        (equal code (+ (- ,offset) (rip ,x)))))

; Does a term speak of a step that is not simulated yet?
(mutual-recursion
 (defun mentions-step (term)
   (declare (xargs :mode :program))
   (cond ((atom term) nil)
         ((eq (car term) 'quote) nil)
         ((eq (car term) 'cpu-step) t)
         (t (mentions-step-list (cdr term)))))
 (defun mentions-step-list (terms)
   (declare (xargs :mode :program))
   (cond ((atom terms) nil)
         (t (or (mentions-step (car terms)) (mentions-step-list (cdr terms)))))))

(defun without-implications (terms)
  (declare (xargs :mode :program))
  (cond ((atom terms) nil)
        ((and (consp (car terms)) (eq (car (car terms)) 'implies)) (without-implications (cdr terms)))
        (t (cons (car terms) (without-implications (cdr terms))))))

; (defuntil NAME FORMALS ALWAYS END) defines NAME-until: from the state y, ALWAYS holds now and after each of n steps,
; and END after the last.  Each step is simulated once: a state is looked at only after it has been simplified.
; NAME-says and NAME-keeps are what END says without a condition, and of memory: otherwise compose.lisp would split cases.
(defmacro defuntil (name formals always end)
  (let ((until (mk-name name "-UNTIL")) (ends (mk-name name "-END")))
    `(progn
       (acl2::defun-nx ,ends (y ,@formals) ,end)
       (defthm ,(mk-name "OPEN-" ends)
         (implies (syntaxp (not (mentions-step y))) (equal (,ends y ,@formals) ,end))
         :hints (("Goal" :in-theory (union-theories (theory 'minimal-theory) '(,ends)))))
       (acl2::defun-nx ,until (n y ,@formals)
         (declare (xargs :measure (nfix n)))
         (and ,always (if (zp n) (,ends y ,@formals) (,until (1- n) (cpu-step y) ,@formals))))
       (defthm ,(mk-name "OPEN-" until)
         (implies (syntaxp (and (quotep n) (not (mentions-step y))))
                  (equal (,until n y ,@formals)
                         (and ,always (if (zp n) (,ends y ,@formals) (,until (1- n) (cpu-step y) ,@formals)))))
         :hints (("Goal" :in-theory (union-theories (theory 'minimal-theory) '(,until)))))
       (defthmd ,(mk-name until "-ENDS")
         (implies (,until n y ,@formals) (,ends (cpu-steps n y) ,@formals))
         :hints (("Goal" :induct (,until n y ,@formals)
                  :in-theory (union-theories (theory 'minimal-theory) '(,until cpu-steps (:induction ,until))))))
       (defthm ,(mk-name name "-SAYS")
         (implies (,ends y ,@formals) (and ,@(without-implications (cdr end))))
         :hints (("Goal" :in-theory (union-theories (theory 'minimal-theory) '(,ends))))
         :rule-classes nil)
       (defthm ,(mk-name name "-KEEPS")
         (implies (,ends y ,@formals) ,(car (last end)))
         :hints (("Goal" :in-theory (union-theories (theory 'minimal-theory) '(,ends))))
         :rule-classes nil)
       (in-theory (disable ,ends ,until)))))

; One way through a routine, simulated; comparisons of addresses that are left over are done without a sign.
(defmacro defpath (name given ends pre)
  `(defthmd ,name
     (implies ,given ,ends)
     :hints (("Goal" :do-not-induct t :in-theory (e/d* (,pre asm-on) (asm-off)))
             (and acl2::stable-under-simplificationp
                  '(:in-theory (enable sum-without-borrow distance-without-borrow))))))

; The outcome, from its ways.
(defmacro defcase (name given ends steps paths conditions)
  `(defthmd ,name
     (implies ,given ,ends)
     :hints (("Goal" :do-not-induct t
              :in-theory (union-theories (theory 'minimal-theory) '(,steps))
              :use ,paths
              ,@(and conditions `(:cases ,conditions))))))
