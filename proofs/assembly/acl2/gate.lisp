; gate.lisp: are all the names theorems, and was nothing taken for granted?
(in-package "X86ISA")
(program)

; Names of NAMES that are not theorems.
(defun not-proved (names w)
  (cond ((atom names) nil)
        ((acl2::getpropc (car names) 'acl2::theorem nil w) (not-proved (cdr names) w))
        (t (cons (car names) (not-proved (cdr names) w)))))

; Axioms that are not ACL2's own.  ACL2 keeps this list for the certificates of books.
(defun added-axioms (names w)
  (cond ((atom names) nil)
        ((acl2::getpropc (car names) 'acl2::predefined nil w) (added-axioms (cdr names) w))
        (t (cons (car names) (added-axioms (cdr names) w)))))

; The books' two trust tags are for execution, not for the logic; no other may be in use.
(defconst *known-tags* '(:undef-flg :other-non-det))
(defun granted (w)
  (append (and (acl2::global-val 'acl2::skip-proofs-seen w) '(skip-proofs))
          (and (acl2::global-val 'acl2::redef-seen w) '(redefinition))
          (set-difference-eq (strip-cars (acl2::global-val 'acl2::ttags-seen w)) *known-tags*)
          (added-axioms (acl2::global-val 'acl2::nonconstructive-axiom-names w) w)))

(defun names-proved-p (names w)
  (let ((open (not-proved names w)) (granted (granted w)))
    (prog2$ (and open (cw "not proved: ~&0~%" open))
            (prog2$ (and granted (cw "taken for granted: ~&0~%" granted))
                    (and (consp names) (not open) (not granted))))))
(logic)
