module StreamCore.Protocol.Tests.Smoke
