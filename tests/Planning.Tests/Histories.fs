/// Random histories: tight blocks, small budgets, bursts, long and short prompts, clients that leave.
module StreamCore.Planning.Tests.Histories

open FsCheck
open FsCheck.FSharp
open StreamCore.Scheduler.Planning
open StreamCore.Planning.Tests.Simulation

let private budget =
    gen {
        let! tokens = Gen.frequency [ 2, Gen.choose (1, 24); 1, Gen.choose (25, 60) ]
        let! sequences = Gen.choose (1, 8)
        let! rows = Gen.choose (1, 8)
        let! chunk = Gen.choose (1, 16)
        let! block = Gen.choose (1, 5)
        let! prompts = Gen.choose (1, 6)
        let! drafted = Gen.choose (0, 24)

        return {
            MaxTokens = tokens
            MaxSequences = sequences
            MaxLogitsRows = rows
            MaxChunkTokens = chunk
            PromptTokensPerRow = prompts
            MaxDraftedTokens = drafted
            BlockTokens = block
        }
    }

let private arrival (budget: StepBudget) (blocks: int) =
    gen {
        let! step = Gen.choose (0, 30)
        let! prompt = Gen.frequency [ 3, Gen.choose (1, 8); 1, Gen.choose (1, 60) ]
        let! answer = Gen.choose (1, 25)

        let! stored = Gen.frequency [ 2, Gen.constant 0; 1, Gen.choose (1, 10) ]

        let! leaves =
            Gen.frequency [ 4, Gen.constant System.Int32.MaxValue; 1, Gen.choose (0, 60) ]

        let! scores = Gen.frequency [ 4, Gen.constant false; 1, Gen.constant true ]
        let! follows = Gen.frequency [ 4, Gen.constant false; 1, Gen.constant true ]
        let! drafts = Gen.frequency [ 1, Gen.constant 0; 2, Gen.choose (1, 8) ]
        let! luck = Gen.arrayOfLength 7 (Gen.choose (0, 8))

        return {
            Step = step
            Prompt = prompt
            Answer = answer
            LeavesAt = leaves
            Stored = stored
            Scores = scores
            Follows = follows
            Drafts = drafts
            Luck = luck
        }
    }
    |> Gen.filter (fun a -> Planner.Fits(a.Prompt, a.Answer, budget, blocks))

let history =
    gen {
        let! budget = budget
        let! blocks = Gen.choose (6, 60)
        let! count = Gen.choose (1, 14)
        let! arrivals = Gen.listOfLength count (arrival budget blocks)

        return {
            Budget = budget
            Blocks = blocks
            Arrivals = arrivals
        }
    }

let check (name: string) (property: History -> bool) =
    let config = Config.QuickThrowOnFailure.WithMaxTest(1000).WithName name
    Check.One(config, Prop.forAll (Arb.fromGen history) property)

/// Checks every step of random histories.
let checkSteps name (property: History -> Record -> bool) =
    check name (fun history -> (run history).Records |> List.forall (property history))
