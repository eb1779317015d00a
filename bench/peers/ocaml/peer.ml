(* peer.ml: OCaml 5's fibers, whose stacks move when they grow: switch-raw, spawn, park and deep as in contig_bench.

   Effect handlers, without a scheduler: perform and continue are one switch each.  A frame of `deep` has 9 words. *)
open Effect
open Effect.Deep

type _ Effect.t += Yield : unit Effect.t

let result name value = Printf.printf "%s %.6g\n" name value

let timed count work =
  let start = Sys.time () in
  work ();
  result "ns" ((Sys.time () -. start) *. 1e9 /. float count)

let resident () =
  let status = In_channel.with_open_bin "/proc/self/status" In_channel.input_all in
  let line = List.find (String.starts_with ~prefix:"VmRSS:") (String.split_on_char '\n' status) in
  Scanf.sscanf line "VmRSS: %f" (fun kibibytes -> kibibytes *. 1024.)

(* Runs a function on a new fiber; `yielded` gets the continuation. *)
let fiber (yielded : (unit, unit) continuation -> unit) work =
  match_with work ()
    { retc = Fun.id; exnc = raise;
      effc = (fun (type a) (e : a Effect.t) ->
        match e with
        | Yield -> Some (fun (k : (a, unit) continuation) -> yielded k)
        | _ -> None) }

let rec deep a b c d e f g levels =
  if levels = 0 then a else deep b c d e f g a (levels - 1) + a + b + c + d + e + f + g

let park count =
  let parked = Array.make count None and before = resident () in
  timed count (fun () ->
    for i = 0 to count - 1 do
      fiber (fun k -> parked.(i) <- Some k) (fun () -> perform Yield)
    done);
  result "bytes" ((resident () -. before) /. float count);
  Array.iter (function Some k -> continue k () | None -> ()) parked

let () =
  let number i = int_of_string Sys.argv.(i) in
  match Sys.argv.(1) with
  | "switch-raw" ->
    let count = number 2 in
    timed count (fun () ->
      fiber (fun k -> continue k ()) (fun () -> for _ = 1 to count / 2 do perform Yield done))
  | "spawn" ->
    let count = number 2 * number 3 in
    timed count (fun () -> for _ = 1 to count do fiber ignore ignore done)
  | "deep" ->
    let levels = number 3 and count = number 4 in
    timed (levels * count) (fun () ->
      for _ = 1 to count do fiber ignore (fun () -> ignore (deep 1 2 3 4 5 6 7 levels)) done)
  | _ -> park (number 2)
