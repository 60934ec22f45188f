import { type Browser, chromium, type Page } from 'playwright-core';
import { browserFlags, installBrowser } from './installBrowser';
import { type ServeOptions, serve, type WorkbenchServer } from './serve';

export interface LaunchOptions extends ServeOptions {
  readonly folder: string;
  /** Built, unpackaged extension to load in development mode. */
  readonly extension?: string;
  /** Module whose `run()` is called inside the extension host. Needs `extension`. */
  readonly tests?: string;
  /** Told when the tests have ended. */
  readonly onExit?: (code: number) => void;
  readonly size?: { readonly width: number; readonly height: number };
}

export interface Workbench {
  readonly page: Page;
  readonly server: WorkbenchServer;
  /** Every console line of the extension host and the page so far. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Opens a folder in a real VS Code in a real browser, with the extension in it. */
export async function launch(options: LaunchOptions): Promise<Workbench> {
  const executablePath = await installBrowser();
  const server = await serve(options);
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({ executablePath, args: browserFlags });
    const context = await browser.newContext({ viewport: options.size ?? { width: 1400, height: 900 } });
    const page = await context.newPage();
    const log: string[] = [];
    page.on('console', (message) => log.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => log.push(`pageerror: ${error.message}`));
    // Both must be there before the page is: the workbench looks for them once.
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      const line = args.map(String).join(' ');
      // The server runs without its native logger (see installServer) and says so at every turn.
      if (!line.includes('spdlog.node')) log.push(`host ${type}: ${line}`);
    });
    await page.exposeFunction('codeAutomationExit', (code: number) => options.onExit?.(code));
    await page.goto(address(server, options));
    await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    return {
      page,
      server,
      log,
      close: async () => {
        await browser?.close();
        await server.close();
      },
    };
  } catch (error) {
    await browser?.close();
    await server.close();
    throw error;
  }
}

/** The page that opens `folder` with an unpackaged extension and its tests. */
export function address(
  server: WorkbenchServer,
  options: Pick<LaunchOptions, 'folder' | 'extension' | 'tests'>,
): string {
  // The authority must be the page's host to the letter: `localhost:N`, never `127.0.0.1:N`.
  const remote = (path: string) => `vscode-remote://${server.host}${path}`;
  const payload = [['skipWelcome', 'true']];
  if (options.extension) payload.push(['extensionDevelopmentPath', remote(options.extension)]);
  if (options.tests) payload.push(['extensionTestsPath', remote(options.tests)]);
  const query = new URLSearchParams({ folder: options.folder, payload: JSON.stringify(payload) });
  return `http://${server.host}/?${query}`;
}
