using Securely.Cli;

return await SecurelyApplication.OfProcess().RunAsync(args);
