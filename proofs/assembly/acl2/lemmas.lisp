; lemmas.lisp: flags, addresses and control words, as the routines use them.
(in-package "X86ISA")
(defthm zf-of-written-flags
  (implies (equal (rflagsBits->zf (loghead 32 mask)) 0)
           (equal (rflagsBits->zf (xr :rflags nil (write-user-rflags v mask x86))) (rflagsBits->zf (loghead 32 v))))
  :hints (("Goal" :in-theory (e/d* (write-user-rflags rflag-RoWs-enables) ()))))
(defthm cf-of-written-flags
  (implies (equal (rflagsBits->cf (loghead 32 mask)) 0)
           (equal (rflagsBits->cf (xr :rflags nil (write-user-rflags v mask x86))) (rflagsBits->cf (loghead 32 v))))
  :hints (("Goal" :in-theory (e/d* (write-user-rflags rflag-RoWs-enables) ()))))
(defthm zf-of-and-4
  (and (equal (rflagsBits->zf (mv-nth 1 (gpr-and-spec-4 a b f)))
              (if (equal (loghead 32 (logand (loghead 32 a) (loghead 32 b))) 0) 1 0))
       (equal (rflagsBits->zf (mv-nth 2 (gpr-and-spec-4 a b f))) 0))
  :hints (("Goal" :in-theory (e/d* (gpr-and-spec-4 zf-spec rflag-RoWs-enables) ()))))
(encapsulate ()
  (local (include-book "arithmetic-5/top" :dir :system))
  (local (defthm mod-lemma
    (implies (and (integerp x) (integerp y) (posp m))
             (iff (equal (mod (+ x (- y)) m) 0) (equal (mod x m) (mod y m))))))
  (defthmd loghead-of-difference
    (implies (and (integerp x) (integerp y) (natp n))
             (equal (equal (loghead n (+ x (- y))) 0) (equal (loghead n x) (loghead n y))))
    :hints (("Goal" :use (:instance mod-lemma (m (expt 2 n)))
             :in-theory (enable loghead))))
)
(defthm loghead-of-extended-difference
  (implies (posp n)
    (equal (equal (loghead n (+ (logext n a) (- (logext n b)))) 0) (equal (loghead n a) (loghead n b))))
  :hints (("Goal" :use (:instance loghead-of-difference (x (logext n a)) (y (logext n b))))))
(defthm zf-of-cmp-2
  (and (equal (rflagsBits->zf (mv-nth 1 (gpr-sub-spec-2 a b f))) (if (equal (loghead 16 a) (loghead 16 b)) 1 0))
       (equal (rflagsBits->zf (mv-nth 2 (gpr-sub-spec-2 a b f))) 0))
  :hints (("Goal" :in-theory (e/d* (gpr-sub-spec-2 zf-spec rflag-RoWs-enables) ()))))
(defthm zf-of-cmp-8
  (and (equal (rflagsBits->zf (mv-nth 1 (gpr-sub-spec-8 a b f))) (if (equal (loghead 64 a) (loghead 64 b)) 1 0))
       (equal (rflagsBits->zf (mv-nth 2 (gpr-sub-spec-8 a b f))) 0))
  :hints (("Goal" :in-theory (e/d* (gpr-sub-spec-8 zf-spec rflag-RoWs-enables) ()))))
(defthm cf-of-cmp-8
  (and (equal (rflagsBits->cf (mv-nth 1 (gpr-sub-spec-8 a b f))) (if (< (loghead 64 a) (loghead 64 b)) 1 0))
       (equal (rflagsBits->cf (mv-nth 2 (gpr-sub-spec-8 a b f))) 0))
  :hints (("Goal" :in-theory (e/d* (gpr-sub-spec-8 cf-spec64 rflag-RoWs-enables) ()))))
(defthm xor-4
  (equal (mv-nth 0 (gpr-xor-spec-4 a b f)) (logxor (loghead 32 a) (loghead 32 b)))
  :hints (("Goal" :in-theory (e/d* (gpr-xor-spec-4) ()))))
(defthmd extension-of-head
  (implies (and (posp w) (natp v) (<= w v)) (equal (logext w (loghead v x)) (logext w x)))
  :hints (("Goal" :in-theory (e/d* (acl2::ihsext-inductions acl2::ihsext-recursive-redefs) ()))))
(encapsulate ()
  (local (include-book "arithmetic-5/top" :dir :system))
  (local (defthm loghead-of-wrapped
    (implies (integerp x) (equal (loghead 64 (+ (expt 2 64) x)) (loghead 64 x)))
    :hints (("Goal" :in-theory (enable loghead)))))
  (local (defthm logext-of-wrapped
    (implies (integerp x) (equal (logext 64 (+ (expt 2 64) x)) (logext 64 x)))
    :hints (("Goal" :use (loghead-of-wrapped (:instance extension-of-head (w 64) (v 64))
                          (:instance extension-of-head (w 64) (v 64) (x (+ (expt 2 64) x))))
             :in-theory (disable loghead logext loghead-of-wrapped  )))))
  ; a negative displacement that the model reads as unsigned
  (defthm wrapped-displacement
    (implies (and (syntaxp (quotep c)) (integerp c) (integerp x)
                  (equal d (- c (expt 2 64))) (canonical-address-p (+ d x)))
             (equal (logext 64 (+ c x)) (+ d x)))
    :hints (("Goal" :use ((:instance logext-of-wrapped (x (+ d x)))
                          (:instance acl2::logext-identity (acl2::size 64) (acl2::i (+ d x))))
             :in-theory (e/d (canonical-address-p signed-byte-p) (logext logext-of-wrapped))))))
(defthm zf-of-and-8
  (and (equal (rflagsBits->zf (mv-nth 1 (gpr-and-spec-8 a b f)))
              (if (equal (loghead 64 (logand (loghead 64 a) (loghead 64 b))) 0) 1 0))
       (equal (rflagsBits->zf (mv-nth 2 (gpr-and-spec-8 a b f))) 0))
  :hints (("Goal" :in-theory (e/d* (gpr-and-spec-8 zf-spec rflag-RoWs-enables) ()))))
(defthm user-address-is-its-own-head
  (implies (and (canonical-address-p x) (<= 0 x)) (equal (loghead 64 x) x))
  :hints (("Goal" :use (:instance acl2::loghead-identity (acl2::size 64) (acl2::i x))
           :in-theory (enable canonical-address-p signed-byte-p unsigned-byte-p))))
(defthm sub-8
  (equal (mv-nth 0 (gpr-sub-spec-8 a b f)) (loghead 64 (+ (logext 64 a) (- (logext 64 b)))))
  :hints (("Goal" :in-theory (e/d* (gpr-sub-spec-8) ()))))
(defthm address-is-its-own-extension
  (implies (canonical-address-p x) (equal (logext 64 x) x))
  :hints (("Goal" :use (:instance acl2::logext-identity (acl2::size 64) (acl2::i x))
           :in-theory (enable canonical-address-p signed-byte-p))))
(defun thread-base-p (v)
  (declare (xargs :guard t))
  (and (integerp v) (<= (expt 2 32) v) (< v (expt 2 46))))
(defthm near-thread-base-is-canonical
  (implies (and (thread-base-p v) (syntaxp (quotep c)) (integerp c) (< (- (expt 2 32)) c) (< c (expt 2 32)))
           (canonical-address-p (+ c v)))
  :hints (("Goal" :in-theory (enable canonical-address-p signed-byte-p))))
(defthm thread-base-is-canonical
  (implies (thread-base-p v) (canonical-address-p v))
  :hints (("Goal" :in-theory (enable canonical-address-p signed-byte-p))))
(defthm thread-base-is-positive
  (implies (thread-base-p v) (and (integerp v) (< 0 v)))
  :rule-classes :forward-chaining)
(in-theory (disable thread-base-p (thread-base-p)))

; The control word as FNSTCW stores it, and what FLDCW makes of it: looked up in a table of all words, row by row.
(defun x87-word-p (v)
  (declare (xargs :guard t))
  (and (unsigned-byte-p 16 v) (equal (logand #xe0c0 v) #x40)))
(defun loads-whole (v)
  (declare (xargs :guard (natp v)))
  (or (not (equal (logand #xe0c0 v) #x40)) (equal (logior #x40 (logand #x1f3f v)) v)))
(defun row-loads-whole (h n)
  (declare (xargs :guard (and (natp h) (natp n))))
  (or (zp n) (and (loads-whole (+ (* 256 h) (1- n))) (row-loads-whole h (1- n)))))
(defun rows-load-whole (m)
  (declare (xargs :guard (natp m)))
  (or (zp m) (and (row-loads-whole (1- m) 256) (rows-load-whole (1- m)))))
(encapsulate ()
  (local (include-book "arithmetic-5/top" :dir :system))
  (local (defthm entry-of-row
    (implies (and (row-loads-whole h n) (natp l) (natp n) (< l n)) (loads-whole (+ (* 256 h) l)))
    :hints (("Goal" :induct (row-loads-whole h n) :in-theory (disable loads-whole))
            ("Subgoal *1/2" :cases ((equal l (1- n)))))
    :rule-classes nil))
  (local (defthm row-of-rows
    (implies (and (rows-load-whole m) (natp h) (natp m) (< h m)) (row-loads-whole h 256))
    :hints (("Goal" :induct (rows-load-whole m) :in-theory (disable row-loads-whole (row-loads-whole)))
            ("Subgoal *1/2" :cases ((equal h (1- m)))))
    :rule-classes nil))
  (local (defthm word-loads-whole
    (implies (unsigned-byte-p 16 v) (loads-whole v))
    :hints (("Goal" :use ((:instance row-of-rows (m 256) (h (floor v 256)))
                          (:instance entry-of-row (n 256) (h (floor v 256)) (l (mod v 256))))
             :in-theory (e/d (unsigned-byte-p) (loads-whole row-loads-whole))))
    :rule-classes nil))
  (defthm x87-word-is-loaded-whole
    (implies (x87-word-p v) (equal (logior #x40 (logand #x1f3f v)) v))
    :hints (("Goal" :use word-loads-whole :in-theory (enable loads-whole x87-word-p)))))
(defthm x87-word-p-of-word
  (implies (and (unsigned-byte-p 16 v) (equal (logand #xe0c0 v) #x40)) (x87-word-p v)))
(defthm x87-word-bits
  (implies (x87-word-p v) (and (unsigned-byte-p 16 v) (equal (logand #xe0c0 v) #x40)))
  :rule-classes :forward-chaining)
(in-theory (disable x87-word-p (x87-word-p) loads-whole row-loads-whole rows-load-whole))

(defthm df-of-written-flags
  (equal (rflagsBits->df (xr :rflags nil (write-user-rflags v mask x86))) (rflagsBits->df (xr :rflags nil x86)))
  :hints (("Goal" :in-theory (e/d* (write-user-rflags rflag-RoWs-enables) ()))))

; Addresses as numbers without a sign, where no borrow occurs.
(encapsulate ()
  (local (include-book "arithmetic-5/top" :dir :system))
  (local (defthm remainder-of-sum
    (implies (and (integerp x) (integerp c) (posp m) (<= 0 (+ c (mod x m))) (< (+ c (mod x m)) m))
             (equal (mod (+ c x) m) (+ c (mod x m))))
    :rule-classes nil))
  (local (defthm extension-is-congruent
    (implies (integerp x) (equal (loghead 64 (+ x (- (logext 64 x)))) 0))
    :hints (("Goal" :use (:instance loghead-of-difference (n 64) (y (logext 64 x)))
             :in-theory (disable loghead logext)))
    :rule-classes nil))
  (defthmd sum-without-borrow
    (implies (and (syntaxp (quotep c)) (integerp c) (integerp x) (<= (- c) (loghead 64 x)) (<= c 0))
             (equal (loghead 64 (+ c x)) (+ c (loghead 64 x))))
    :hints (("Goal" :use (:instance remainder-of-sum (m (expt 2 64))) :in-theory (enable loghead))))
  ; The stack pointer after a call that was made with it aligned.
  (defthm word-below-multiple
    (implies (and (integerp z) (equal (loghead 4 z) 0)) (equal (loghead 4 (+ -8 z)) 8))
    :hints (("Goal" :in-theory (enable loghead))))
  (defthm sum-within-word
    (implies (and (integerp x) (integerp c) (<= 0 (+ c (loghead 64 x))) (< (+ c (loghead 64 x)) (expt 2 64)))
             (equal (loghead 64 (+ c x)) (+ c (loghead 64 x))))
    :hints (("Goal" :use (:instance remainder-of-sum (m (expt 2 64))) :in-theory (enable loghead)))
    :rule-classes nil)
  (defthm minus-extension
    (implies (and (integerp z) (integerp x))
             (equal (loghead 64 (+ z (- (logext 64 x)))) (loghead 64 (+ z (- x)))))
    :hints (("Goal" :use (extension-is-congruent
                          (:instance loghead-of-difference (n 64) (x (+ z (- (logext 64 x)))) (y (+ z (- x)))))
             :in-theory (disable loghead logext)))
    :rule-classes nil))
(defthmd distance-without-borrow
  (implies (and (syntaxp (and (quotep c) (quotep d))) (integerp c) (integerp d) (integerp x) (unsigned-byte-p 64 g)
                (<= 0 (+ (- c d) (loghead 64 x) (- g)))
                (< (+ (- c d) (loghead 64 x) (- g)) (expt 2 64)))
           (equal (loghead 64 (+ c x (- (logext 64 (+ d (logext 64 g))))))
                  (+ (- c d) (loghead 64 x) (- g))))
  :hints (("Goal" :use ((:instance minus-extension (z (+ c x)) (x (+ d (logext 64 g))))
                        (:instance minus-extension (z (+ c x (- d))) (x g))
                        (:instance sum-within-word (c (+ (- c d) (- g)))))
           :in-theory (enable unsigned-byte-p))))
(defthm and-8-with-mask
  (implies (and (syntaxp (quotep c)) (unsigned-byte-p 64 c) (integerp x))
           (equal (mv-nth 0 (gpr-and-spec-8 (loghead 64 x) c f)) (loghead 64 (logand (logext 64 c) x))))
  :hints (("Goal" :in-theory (e/d* (gpr-and-spec-8) ()))))
(defthm word-bounds
  (and (<= 0 (loghead 64 x)) (< (loghead 64 x) 18446744073709551616))
  :rule-classes :linear)
(defthm narrow-word
  (implies (and (unsigned-byte-p 32 v) (< v 65536)) (unsigned-byte-p 16 v))
  :hints (("Goal" :in-theory (enable unsigned-byte-p))))
; `and $-16` of an address without a sign, which makes a multiple of 16.
(defthm extension-of-rounded-head
  (implies (canonical-address-p (bitops::logsquash 4 x))
           (equal (logext 64 (bitops::logsquash 4 (loghead 64 x))) (bitops::logsquash 4 x)))
  :hints (("Goal" :use ((:instance address-is-its-own-extension (x (bitops::logsquash 4 x)))
                        (:instance extension-of-head (w 64) (v 64) (x (bitops::logsquash 4 x))))
           :in-theory (e/d (bitops::loghead-of-logsquash-commute) (address-is-its-own-extension)))))
; Two fields of one structure, the first of which is at its beginning.
(defthm separate-base-and-offset
  (and (implies (or (<= i k) (<= (+ j k) 0)) (separate r i x w j (+ k x)))
       (implies (or (<= j k) (<= (+ i k) 0)) (separate r i (+ k x) w j x)))
  :hints (("Goal" :in-theory (enable separate))))
