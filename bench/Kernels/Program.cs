using BenchmarkDotNet.Running;

// The engine's parts one by one, for whoever works on one of them.
// usage: dotnet run -c Release --project bench/Kernels -- --filter '*Product*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
