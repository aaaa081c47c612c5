import { inject, provideBrowserGlobalErrorListeners, provideZonelessChangeDetection, type ApplicationConfig } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { provideRouter, type Routes } from '@angular/router';
import { provideRxmp } from 'rxmp/angular';
import { Session } from './session';

const routes: Routes = [
  { path: '', title: 'Board', loadComponent: () => import('./board') },
  { path: 'workers', title: 'Workers', loadComponent: () => import('./workers') },
  { path: 'lights', title: 'Lights', loadComponent: () => import('./lights') },
];

export const config: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideZonelessChangeDetection(),
    provideClientHydration(),
    provideRouter(routes),
    provideRxmp(() => ({
      seeds: [`${location.origin.replace('http', 'ws')}/mp`],
      credentials: () => inject(Session).ticket(),
      resumeTime: 15_000,
    })),
  ],
};
