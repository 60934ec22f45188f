// Installs what the tests in a real VS Code need, before the first test that would go without: a browser and the server.
import { installBrowser } from './rig/installBrowser';
import { installServer } from './rig/installServer';

await installBrowser();
await installServer();
