using Securely.Cli;

return await SecurelyApplication.RunProcessAsync(args);
