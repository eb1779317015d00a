-- Peer.hs: GHC's threads, whose stacks grow by chunks: switch, robin, spawn, park, deep and process as in contig_bench.
--
-- ghc -O, one capability; the collector is at work, since stacks are heap objects.  A frame of `deep` has two words.
module Main (main) where

import Control.Concurrent
import Control.Monad
import System.CPUTime
import System.Environment
import System.Mem

nanoseconds :: IO Double
nanoseconds = (/ 1000) . fromInteger <$> getCPUTime

result :: String -> Double -> IO ()
result name value = putStrLn (name ++ " " ++ show value)

resident :: IO Double
resident = do
    status <- readFile "/proc/self/status"
    return $! head [1024 * read (words line !! 1) | line <- lines status, take 6 line == "VmRSS:"]

-- Runs so many threads to their ends.
allRun :: Int -> IO () -> IO ()
allRun count body = do
    done <- replicateM count newEmptyMVar
    forM_ done $ \one -> forkIO (body >> putMVar one ())
    mapM_ takeMVar done

timed :: Int -> IO () -> IO ()
timed count work = do
    begin <- nanoseconds
    end <- work >> nanoseconds
    result "ns" ((end - begin) / fromIntegral count)

deep :: Int -> Int
deep levels = if levels == 0 then 0 else 1 + deep (levels - 1)
{-# NOINLINE deep #-}

park :: Int -> IO ()
park count = do
    before <- resident
    wake <- newEmptyMVar
    timed count $ replicateM_ count (forkIO (readMVar wake)) >> yield
    performGC
    after <- resident
    result "bytes" ((after - before) / fromIntegral count)
    putMVar wake ()

main :: IO ()
main = do
    measure : rest <- getArgs
    case (measure, map read (filter (all (`elem` ['0' .. '9'])) rest)) of
        ("switch", [count]) -> timed count $ allRun 2 (replicateM_ (count `div` 2) yield)
        ("robin", [n, rounds]) -> timed (n * rounds) $ allRun n (replicateM_ rounds yield)
        ("spawn", [n, rounds]) -> timed (n * rounds) $ replicateM_ rounds (allRun n (return ()))
        ("deep", [_, levels, count]) ->
            timed (levels * count) $ replicateM_ count (allRun 1 (when (deep levels < 0) yield))
        ("park", [count]) -> park count
        _ -> allRun 1 (return ()) >> nanoseconds >>= result "ns" >> resident >>= result "bytes"
