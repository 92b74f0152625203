import { join } from 'node:path';
import { serviceCommand, type ServiceSpec } from '../standalone/topology.ts';

/** Where everything is. Absolute paths. */
export interface UnitPlaces {
  /** The Node binary. */
  readonly nodePath: string;
  /** The folder of the clone, or of the npm package. */
  readonly rootDir: string;
  readonly configFile: string;
  /** `NAME=value` lines for secrets; systemd reads it as root, so only root need to. */
  readonly environmentFile: string;
}

/** A file for systemd. */
export interface Unit {
  readonly name: string;
  readonly text: string;
}

/** Data are in `/var/lib/tocsin`, compiled code in `/var/cache/tocsin`. */
const STATE = 'tocsin';
const DATA_DIR = `/var/lib/${STATE}`;

/**
 * What a process of Tocsin may do: write its own folders, speak over the network, ping. It has a user of its own that systemd makes, and the same for all
 * units. `MemoryDenyWriteExecute` is missing because V8 and ClickHouse compile code at run time. Source: systemd.exec(5).
 */
const SANDBOX = `DynamicUser=yes
User=tocsin
StateDirectory=${STATE}
StateDirectoryMode=0700
CacheDirectory=${STATE}
UMask=0077
# The system's ping needs it; nothing else of root's is left.
AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM`;

/** One unit for the whole standalone Tocsin: the launcher, which supervises the services. */
export function standaloneUnits(places: UnitPlaces): readonly Unit[] {
  const command = `${places.nodePath} --max-semi-space-size=1 ${join(places.rootDir, 'deploy/src/cli/main.ts')} up`;
  return [
    {
      name: 'tocsin.service',
      text: service({
        description: 'Tocsin: observability and uptime monitoring',
        places,
        command,
        // The services stop in order within ten seconds.
        stopWithinS: 20,
        unit: '',
        wantedBy: 'multi-user.target',
      }),
    },
  ];
}

/** A unit for each service, and `tocsin.target` for all of them. */
export function splitUnits(places: UnitPlaces, services: readonly ServiceSpec[]): readonly Unit[] {
  const units = services.map((spec) => ({
    name: `tocsin-${spec.name}.service`,
    text: service({
      description: `Tocsin: ${spec.name}`,
      places,
      command: serviceCommand(spec, places).join(' '),
      stopWithinS: Math.ceil(spec.stopWithinMs / 1_000) + 10,
      unit: 'PartOf=tocsin.target\n',
      wantedBy: 'tocsin.target',
    }),
  }));
  const wants = units.map(({ name }) => name).join(' ');
  const target = `[Unit]
Description=Tocsin: observability and uptime monitoring
Wants=${wants}

[Install]
WantedBy=multi-user.target
`;
  return [...units, { name: 'tocsin.target', text: target }];
}

interface ServiceText {
  readonly description: string;
  readonly places: UnitPlaces;
  readonly command: string;
  readonly stopWithinS: number;
  readonly unit: string;
  readonly wantedBy: string;
}

function service({ description, places, command, stopWithinS, unit, wantedBy }: ServiceText): string {
  return `# Written by "npx tocsin install-service"; it writes it again after an upgrade. Changes of yours belong into a drop-in ("systemctl edit").
[Unit]
Description=${description}
After=network-online.target
Wants=network-online.target
${unit}
[Service]
Type=exec
ExecStart=${command} --config ${places.configFile} --data ${DATA_DIR}
ExecReload=/bin/kill -HUP $MAINPID
Environment=NODE_COMPILE_CACHE=/var/cache/${STATE} MALLOC_ARENA_MAX=2 TOCSIN_LOG_FORMAT=json
EnvironmentFile=-${places.environmentFile}
Restart=always
RestartSec=2
# A bad configuration does not get better by starting again.
RestartPreventExitStatus=2
KillMode=mixed
TimeoutStopSec=${stopWithinS}
LimitNOFILE=65536
OOMPolicy=continue

${SANDBOX}

[Install]
WantedBy=${wantedBy}
`;
}
