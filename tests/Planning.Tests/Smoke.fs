module StreamCore.Planning.Tests.Smoke
