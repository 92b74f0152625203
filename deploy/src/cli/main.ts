import { EXIT } from './exit-codes.ts';

// Each command loads only what it needs: `check-config` does not wait for the launcher's modules.
const [command = 'up', ...args] = process.argv.slice(2);
process.exitCode = await runCommand(command, args);
// What a command leaves open (a pipe, a timer of a library) does not keep it from ending.
process.exit();

async function runCommand(name: string, rest: readonly string[]): Promise<number> {
  switch (name) {
    case 'up': {
      const { runUp } = await import('./up.ts');
      return runUp(process, rest);
    }
    case 'run': {
      const { runOne } = await import('./run.ts');
      return runOne(process, rest);
    }
    case 'healthcheck': {
      const { runHealthcheck } = await import('./healthcheck.ts');
      return runHealthcheck(process, rest);
    }
    case 'init': {
      const { init } = await import('./init.ts');
      return init(process, rest);
    }
    case 'install-service': {
      const { installService } = await import('./install-service.ts');
      return installService(process, rest);
    }
    case 'check-config': {
      const { checkConfig } = await import('./check-config.ts');
      return checkConfig(process, rest);
    }
    case 'probe': {
      const { runProbe } = await import('./probe.ts');
      return runProbe(process, rest);
    }
    case 'journal': {
      const { runJournal } = await import('./journal.ts');
      return runJournal(process, rest);
    }
    case 'backup': {
      const { runBackup } = await import('./backup.ts');
      return runBackup(process, rest);
    }
    case 'restore': {
      const { runRestore } = await import('./restore.ts');
      return runRestore(process, rest);
    }
    case 'rules': {
      const { runRules } = await import('./rules.ts');
      return runRules(process, rest);
    }
    case 'diff': {
      const { runDiff } = await import('./diff.ts');
      return runDiff(process, rest);
    }
    case 'deploy': {
      const { markDeployment } = await import('./deploy.ts');
      return markDeployment(process, rest);
    }
    case 'key': {
      const { makeKey } = await import('./key.ts');
      return makeKey(process, rest);
    }
    case 'password': {
      const { makePassword } = await import('./password.ts');
      return makePassword(process, rest);
    }
    case 'import': {
      const { runImport } = await import('./import.ts');
      return runImport(process, rest);
    }
    case 'demo': {
      const { runDemo } = await import('./demo.ts');
      return runDemo(process);
    }
    case 'warm-up': {
      const { warmUp } = await import('./warm-up.ts');
      return warmUp(process);
    }
    default:
      process.stderr.write(`Unknown command ${JSON.stringify(name)}. npx tocsin help lists them.\n`);
      return EXIT.badConfiguration;
  }
}
